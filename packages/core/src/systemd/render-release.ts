import type { Service } from '../state/manifest.ts';
import type { Release } from '../state/release.ts';
import { type UnitParts, type UnitRole, unitName } from '../unit-name.ts';
import { hardening } from './hardening.ts';
import { quoteArgument, quoteDescription, quoteValue } from './quote.ts';
import type { UnitHost } from './unit-host.ts';

/**
 * All units of a release, text by name. They are immutable and carry the release in their name, so that what runs is
 * what is on disk and no `daemon-reload` is needed.
 */
export function renderRelease(release: Release, host: UnitHost): Map<string, string> {
  const units = new Map<string, string>();
  for (const [service, spec] of Object.entries(release.manifest.services)) {
    const name = (role: UnitRole) => unitName({ ...partsOf(release, service), role });
    units.set(name('process'), renderProcess(release, service, spec, host, name));
    if (spec.listen === 'none') continue;
    units.set(name('socket'), renderSocket(release, service, spec, host, name));
    if (spec.listen === 'port') units.set(name('proxy'), renderProxy(release, service, host, name));
  }
  return units;
}

type NameOf = (role: UnitRole) => string;

function partsOf({ project, slug, seq }: Release, service: string): Omit<UnitParts, 'role'> {
  return { project, slug, seq, service };
}

function describe(release: Release, what: string): string {
  return quoteDescription(
    `${what} of ${release.project} ${release.branch}, release ${release.seq}, commit ${release.commit.slice(0, 12)}`,
  );
}

function renderSocket(release: Release, service: string, spec: Service, host: UnitHost, name: NameOf): string {
  return section({
    Unit: [`Description=${describe(release, `Socket ${service}`)}`],
    Socket: [
      `ListenStream=${host.layout.releaseSocket(release, release.seq, service)}`,
      'SocketMode=0666', // Caddy and the worker connect as users of their own
      'DirectoryMode=0755',
      'RemoveOnStop=yes',
      `Service=${name(spec.listen === 'port' ? 'proxy' : 'process')}`,
    ],
  });
}

function renderProxy(release: Release, service: string, host: UnitHost, name: NameOf): string {
  const process = name('process');
  return section({
    Unit: [
      `Description=${describe(release, `Proxy ${service}`)}`,
      `Requires=${process}`, // starts the process, and waits until it listens, before the first connection goes through
      `After=${process}`,
    ],
    Service: [
      'Type=exec', // it never tells systemd 252 that it is ready, which would then end it after 90 s
      'Slice=bough.slice',
      `ExecStart=${host.socketProxyd} --connections-max=4096 127.0.0.1:${portOf(release, service)}`,
      ...(host.scope === 'system' ? ['DynamicUser=yes', ...hardening([host.layout.stateDir])] : []),
    ],
  });
}

function renderProcess(release: Release, service: string, spec: Service, host: UnitHost, name: NameOf): string {
  const directory = host.layout.appDirectory(release);
  const wait =
    spec.listen === 'port'
      ? [...host.waitForPort, String(portOf(release, service)), String(spec.health.timeoutSec)]
      : [];
  return section({
    Unit: [
      `Description=${describe(release, `Service ${service}`)}`,
      'After=network.target',
      'StartLimitIntervalSec=300',
      'StartLimitBurst=5',
    ],
    Service: [
      'Type=exec', // unlike `simple`, a missing program fails the start
      'Slice=bough.slice',
      ...(spec.listen === 'socket' ? [`Sockets=${name('socket')}`] : []),
      `ExecStart=${spec.exec.map(quoteArgument).join(' ')}`,
      ...(wait.length > 0 ? [`ExecStartPost=${wait.map(quoteArgument).join(' ')}`] : []),
      ...Object.entries(environment(release, service, spec, host)).map(
        ([key, value]) => `Environment=${quoteValue(`${key}=${value}`)}`,
      ),
      `StateDirectory=${directory}`,
      'StateDirectoryMode=0700',
      `CacheDirectory=${directory}`,
      `RuntimeDirectory=${directory}-r${release.seq}-${service}`,
      `WorkingDirectory=%S/${directory}`,
      'Restart=always',
      'RestartSec=1',
      ...(host.systemdVersion >= 254 ? ['RestartSteps=6', 'RestartMaxDelaySec=60'] : []),
      `TimeoutStartSec=${spec.health.timeoutSec + 10}`, // the wait for the port has the deadline; this is its backstop
      `TimeoutStopSec=${host.stopTimeoutSec}`,
      'KillMode=mixed',
      'OOMPolicy=stop',
      ...(host.scope === 'system'
        ? ['DynamicUser=yes', `User=${host.user}`, ...hardening([host.layout.stateDir, '/nix/var/nix/daemon-socket'])]
        : ['NoNewPrivileges=yes', 'UMask=0077']),
    ],
  });
}

/** What the app contract promises; a manifest cannot override it. */
function environment(release: Release, service: string, spec: Service, host: UnitHost): Record<string, string> {
  return {
    ...spec.environment,
    ...(spec.listen === 'port' ? { PORT: String(portOf(release, service)), HOST: '127.0.0.1' } : {}),
    BASE_PATH: `/${release.slug}`,
    BOUGH_URL: host.url,
    BOUGH_PROJECT: release.project,
    BOUGH_BRANCH: release.branch,
    BOUGH_COMMIT: release.commit,
    BOUGH_RELEASE: String(release.seq),
  };
}

function portOf(release: Release, service: string): number {
  const port = release.ports[service];
  if (port === undefined) throw new Error(`release ${release.seq} has no port for its service ${service}`);
  return port;
}

function section(sections: Record<string, string[]>): string {
  return Object.entries(sections)
    .map(([title, lines]) => `[${title}]\n${lines.join('\n')}\n`)
    .join('\n');
}
