import type { Config } from '../../config/config.ts';
import { quoteValue } from '../../systemd/quote.ts';
import type { StackHost } from '../stack-host.ts';
import { afterRedis } from './redis-unit.ts';
import { app, render, watched } from './unit.ts';

/**
 * Root, as it installs units, and confined to what that needs. `RestrictNamespaces=` and the like hold for git and Nix
 * too; what builders do is the daemon's. Nothing is bound to it, so apps go on when it stops.
 */
export function workerUnit(config: Config, host: StackHost): string {
  const { stateDir, runtimeDir, unitDir, projects } = config;
  const local = [stateDir, ...Object.values(projects).map(({ remote }) => remote)];
  return render(host, {
    description: 'Bough: the worker (builds and reconciles)',
    after: [...afterRedis(config), 'nix-daemon.socket'],
    service: [
      'Type=exec',
      ...app('worker', host),
      ...watched(host), // a long build is progress
      'Environment=HOME=%h',
      'KillMode=mixed', // SIGTERM to the worker alone: it ends its children itself and puts their job back
      'TimeoutStopSec=30',
      'OOMPolicy=continue', // a build that runs out of memory must fail its job, not end the worker
    ],
    confined: [
      ...ownFolder('/var/lib', 'StateDirectory', stateDir),
      ...ownFolder(host.runtimeRoot, 'RuntimeDirectory', runtimeDir),
      'RuntimeDirectoryPreserve=yes', // the apps' sockets are in it
      `ReadWritePaths=${quoteValue(unitDir)}`,
      'ProtectHome=read-only', // the keys git uses may lie in root's
      // A repository below /tmp can be fetched only where the /tmp of everybody is seen.
      ...(local.some((path) => /^(file:\/\/)?\/(var\/)?tmp\//.test(path))
        ? ['PrivateTmp=no', 'ReadWritePaths=/tmp /var/tmp']
        : []),
      `CapabilityBoundingSet=${workerCapabilities.join(' ')}`,
      'UMask=0022', // Caddy has to reach the sockets, and people the units
    ],
  });
}

/** A folder the worker may write in. Below systemd's own place for such folders, it is also made again when it is missing. */
function ownFolder(place: string, directive: string, path: string): string[] {
  return path.startsWith(`${place}/`)
    ? [`${directive}=${quoteValue(path.slice(place.length + 1))}`]
    : [`ReadWritePaths=${quoteValue(path)}`];
}

/**
 * What root may do: look after files of others, end the children of a worker that died, and find them; and start what is to
 * run as the build user.
 */
const workerCapabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SYS_PTRACE',
];
