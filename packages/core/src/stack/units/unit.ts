import { hardening } from '../../systemd/hardening.ts';
import { quoteArgument, quoteValue } from '../../systemd/quote.ts';
import { stackFiles, type StackHost } from '../stack-host.ts';

/** A service of Bough's own: what it is, and how it runs. */
export interface StackUnit {
  readonly description: string;
  /** Started with it and before it, and not needed by it: each of our services waits for the others by itself. */
  readonly after?: readonly string[];
  readonly service: readonly string[];
  /** What it is in the system scope, on top of the hardening. */
  readonly confined: readonly string[];
}

/** The text of its unit. */
export function render(host: StackHost, { description, after = [], service, confined }: StackUnit): string {
  const hardened = host.scope === 'system' ? [...hardening([]), ...protectHome(host), ...confined] : [];
  return `[Unit]
Description=${description}
${after.length === 0 ? '' : `Wants=${after.join(' ')}\n`}After=${['network.target', ...after].join(' ')}
StartLimitIntervalSec=0

[Service]
${[...service, 'Restart=always', 'RestartSec=250ms', 'RestartPreventExitStatus=78', ...hardened].join('\n')}

[Install]
WantedBy=${host.scope === 'system' ? 'multi-user.target' : 'default.target'}
`;
}

/** One of our own programs. What Node compiles is kept: that takes a third off the time of a restart. */
export function app(name: 'receiver' | 'worker', host: StackHost, flags: readonly string[] = []): string[] {
  const system = host.scope === 'system';
  const cache = system ? `/var/cache/bough-${name}` : `${host.dataDir}/${name}-cache`;
  return [
    exec(host.node, ...flags, `${host.root}/apps/${name}/src/main.ts`, stackFiles(host).config),
    environment({ NODE_ENV: 'production', NODE_COMPILE_CACHE: cache }),
    ...(system ? [`CacheDirectory=bough-${name}`, 'CacheDirectoryMode=0700'] : []),
  ];
}

/** Ended and started again when it has told of no progress for so long; see `feedWatchdog`. */
export function watched(host: StackHost): string[] {
  return [
    environment({ PATH: host.path }), // it tells through a child
    'WatchdogSec=60',
    'WatchdogSignal=SIGKILL', // a loop that turns no more handles no signal, and a core would hold secrets
    'NotifyAccess=all',
  ];
}

// A checkout below a home can only be run where homes can be seen.
function protectHome({ root, node, folder }: StackHost): string[] {
  return [root, node, folder].some((path) => /^\/(home|root)\//.test(path)) ? ['ProtectHome=read-only'] : [];
}

/** Directive `ExecStart=`, each word as systemd reads it. */
export function exec(...argv: string[]): string {
  return `ExecStart=${argv.map(quoteArgument).join(' ')}`;
}

/** Directive `Environment=`. */
export function environment(variables: Record<string, string>): string {
  return `Environment=${Object.entries(variables)
    .map(([name, value]) => quoteValue(`${name}=${value}`))
    .join(' ')}`;
}
