import type { Config } from '../config/config.ts';
import { secretFilesOf } from '../config/secret-files.ts';
import { hardening } from '../systemd/hardening.ts';
import { quoteArgument, quoteValue } from '../systemd/quote.ts';
import { ownRedisSocket } from './redis-conf.ts';
import { stackFiles, type StackHost, stackUsers } from './stack-host.ts';

/** What puts the Nix daemon, whose unit is the system's, into the slice of builders. */
export const buildersDropIn = 'nix-daemon.service.d/bough.conf';

/** What gives the Nix daemon settings. The first of all drop-ins, so that one of a person's who sets `NIX_CONFIG` too wins. */
export const nixConfigDropIn = 'nix-daemon.service.d/00-bough.conf';

/** Bough's own units, text by name, in the order they start in. Without `bough-redis.service` where Redis is not ours. */
export function renderStackUnits(config: Config, host: StackHost): Map<string, string> {
  const socket = ownRedisSocket(config);
  return new Map([
    ['bough-previews.slice', sliceUnit('Bough: all previews together', config.previews)],
    ['bough-production.slice', sliceUnit('Bough: all production branches together', config.productions)],
    ...(socket === null ? [] : [['bough-redis.service', redisUnit(socket, host)] as const]),
    ['bough-restore.service', restoreUnit(config, host)],
    ['bough-caddy.service', caddyUnit(config, host)],
    ['bough-receiver.service', receiverUnit(config, host)],
    ['bough-worker.service', workerUnit(config, host)],
    ...(host.scope === 'system' ? [...builders(config), ...nixConfig(host)] : []),
  ]);
}

/** A limit of many processes together, so that previews cannot take what production needs. */
function sliceUnit(description: string, limits: Config['previews']): string {
  return `[Unit]\nDescription=${description}\n\n[Slice]\n${limitsOf(limits).join('\n')}\n`;
}

/** A slice beside those of branches: a weight counts among siblings alone, so one of the daemon's own unit would not do. */
function builders({ builders: { cpuWeight, ioWeight, ...limits } }: Config): [string, string][] {
  const slice = sliceUnit('Bough: the Nix daemon with its builders', limits);
  return [
    ['bough-builders.slice', `${slice}CPUWeight=${cpuWeight}\nIOWeight=${ioWeight}\n`],
    // A builder that runs out of memory must fail its build, not end the daemon with every other build.
    [buildersDropIn, '[Service]\nSlice=bough-builders.slice\nOOMPolicy=continue\n'],
  ];
}

/** `NIX_CONFIG` is read after nix.conf, on top of it (Nix 2.8 and 2.26). */
function nixConfig({ nixConfig: lines }: StackHost): [string, string][] {
  if (lines === undefined) return [];
  return [[nixConfigDropIn, `[Service]\nEnvironment=${quoteValue(`NIX_CONFIG=${lines}`)}\n`]];
}

function limitsOf({ memoryMax, cpuQuota }: Config['previews']): string[] {
  return [`MemoryMax=${memoryMax}`, ...(cpuQuota === undefined ? [] : [`CPUQuota=${cpuQuota}`])];
}

function redisUnit(socket: string, host: StackHost): string {
  const folder = socket.slice(0, socket.lastIndexOf('/'));
  const below = folder.startsWith(`${host.runtimeRoot}/`) ? folder.slice(host.runtimeRoot.length + 1) : null;
  return render(host, {
    description: 'Bough: the queues (Redis)',
    service: [
      'Type=notify',
      exec(host.redisServer, stackFiles(host).redisConf),
      ...(below === null ? [] : [`RuntimeDirectory=${below}`, 'RuntimeDirectoryMode=0750']),
      'TimeoutStartSec=90', // a long append-only file takes its time
      'LimitNOFILE=65536',
    ],
    confined: [
      `User=${stackUsers.redis}`,
      `Group=${stackUsers.queueGroup}`, // the socket's group
      'StateDirectory=bough-redis',
      'StateDirectoryMode=0700',
    ],
  });
}

function caddyUnit({ runtimeDir }: Config, host: StackHost): string {
  const home = host.scope === 'system' ? '/var/lib/bough-caddy' : `${host.dataDir}/caddy`;
  return render(host, {
    description: 'Bough: the web server (Caddy)',
    service: [
      'Type=notify',
      exec(host.caddy, 'run', '--config', stackFiles(host).caddyfile, '--adapter', 'caddyfile'),
      environment({ HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }),
      'LimitNOFILE=1048576',
      'TimeoutStopSec=10',
    ],
    confined: [
      `User=${stackUsers.caddy}`,
      // Its connections set the access times of sockets, by which visits are told; seen read-only they would not. The
      // folder above, since runtimeDir itself may be made anew. Caddy has the right to write nowhere in there.
      `ReadWritePaths=${quoteValue(`-${runtimeDir.slice(0, runtimeDir.lastIndexOf('/'))}`)}`,
      'StateDirectory=bough-caddy',
      'StateDirectoryMode=0700',
      'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
      'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    ],
  });
}

/** The only one strangers talk to. It has no user but while it runs, and sees of the secrets what systemd hands it. */
function receiverUnit(config: Config, host: StackHost): string {
  return render(host, {
    description: 'Bough: webhooks and the board',
    after: ['bough-redis.service'],
    service: ['Type=exec', ...app('receiver', host, receiverFlags), 'TimeoutStopSec=15'],
    confined: [
      'DynamicUser=yes',
      `User=${stackUsers.receiver}`,
      `SupplementaryGroups=${stackUsers.queueGroup}`,
      'StateDirectory=bough-receiver', // the ledger; see `layoutOf`
      'StateDirectoryMode=0700',
      ...secretFilesOf(config).flatMap(({ setting, path }) => [
        // In place of a file that is not there: the receiver says which, systemd would say "Protocol error".
        `SetCredential=${setting}:\\n`,
        `LoadCredential=${setting}:${path.replace(/%/g, '%%')}`,
      ]),
      `InaccessiblePaths=-${config.stateDir} -${config.runtimeDir} -/nix/var/nix/daemon-socket`,
      'SystemCallFilter=~@privileged @resources',
      'PrivateUsers=yes',
    ],
  });
}

/** Half of what V8 lets young objects have: under a flood of deliveries 198 MiB at the most instead of 345. */
export const receiverFlags = ['--max-semi-space-size=8'];

/**
 * Brings every live deployment back after a reboot, whatever is wrong with Node, Redis or the worker. Ordered before
 * those who would find nothing yet; none of them needs it.
 */
function restoreUnit({ stateDir, runtimeDir, unitDir }: Config, host: StackHost): string {
  const script = `${host.root}/packages/host/boot/restore.sh`;
  return `[Unit]
Description=Bough: brings live branches back after a reboot
RequiresMountsFor=${[stateDir, host.root].map(quoteValue).join(' ')}
Before=bough-worker.service bough-caddy.service

[Service]
Type=oneshot
RemainAfterExit=yes
${exec('/bin/sh', script, host.scope, stateDir, runtimeDir, unitDir)}
${environment({ PATH: host.path })}
TimeoutStartSec=60

[Install]
WantedBy=${host.scope === 'system' ? 'multi-user.target' : 'default.target'}
`;
}

/**
 * Root, as it installs units, and confined to what that needs. `RestrictNamespaces=` and the like hold for git and Nix
 * too; what builders do is the daemon's. Nothing is bound to it, so apps go on when it stops.
 */
function workerUnit({ stateDir, runtimeDir, unitDir, projects }: Config, host: StackHost): string {
  const local = [stateDir, ...Object.values(projects).map(({ remote }) => remote)];
  return render(host, {
    description: 'Bough: the worker (builds and reconciles)',
    after: ['bough-redis.service', 'nix-daemon.socket'],
    service: [
      'Type=exec',
      ...app('worker', host),
      environment({ PATH: host.path }),
      'Environment=HOME=%h',
      'KillMode=mixed', // SIGTERM to the worker alone: it ends its children itself and puts their job back
      'TimeoutStopSec=30',
      'WatchdogSec=60', // see `feedWatchdog`; a long build is progress, a loop that turns no more is not
      'WatchdogSignal=SIGKILL', // such a loop handles no signal, and a core would hold secrets
      'NotifyAccess=all', // it tells of its progress through a child
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

interface StackUnit {
  readonly description: string;
  /** Started with it and before it, and not needed by it: each of our services waits for the others by itself. */
  readonly after?: readonly string[];
  readonly service: readonly string[];
  /** What it is in the system scope, on top of the hardening. */
  readonly confined: readonly string[];
}

function render(host: StackHost, { description, after = [], service, confined }: StackUnit): string {
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
function app(name: 'receiver' | 'worker', host: StackHost, flags: readonly string[] = []): string[] {
  const system = host.scope === 'system';
  const cache = system ? `/var/cache/bough-${name}` : `${host.dataDir}/${name}-cache`;
  return [
    exec(host.node, ...flags, `${host.root}/apps/${name}/src/main.ts`, stackFiles(host).config),
    environment({ NODE_ENV: 'production', NODE_COMPILE_CACHE: cache }),
    ...(system ? [`CacheDirectory=bough-${name}`, 'CacheDirectoryMode=0700'] : []),
  ];
}

// A checkout below a home can only be run where homes can be seen.
function protectHome({ root, node, folder }: StackHost): string[] {
  return [root, node, folder].some((path) => /^\/(home|root)\//.test(path)) ? ['ProtectHome=read-only'] : [];
}

function exec(...argv: string[]): string {
  return `ExecStart=${argv.map(quoteArgument).join(' ')}`;
}

function environment(variables: Record<string, string>): string {
  return `Environment=${Object.entries(variables)
    .map(([name, value]) => quoteValue(`${name}=${value}`))
    .join(' ')}`;
}
