import { hardening } from './hardening.ts';
import { quoteArgument, quoteValue } from './quote.ts';
import { descriptionOf, nameOf, portOf, type ServiceUnit, sleepAfterOf, sliceOf } from './service-unit.ts';
import { renderSections } from './unit-section.ts';

// On Debian and on NixOS.
const env = '/usr/bin/env';

/** The process itself: one that stays up, or, with a schedule, one that runs and ends. */
export function renderProcess(unit: ServiceUnit): string {
  const { spec } = unit;
  const runsAtTimes = spec.schedule !== undefined;
  const { exec, environment: variables } = forAppAlone(unit);
  return renderSections({
    Unit: [
      `Description=${descriptionOf(unit, 'Service')}`,
      'After=network.target',
      ...wantsOf(unit),
      // What sleeps is started by its visitors: one that could not be woken is tried again for the next of them.
      ...(runsAtTimes ? [] : [`StartLimitIntervalSec=${sleepAfterOf(unit) === null ? 300 : 10}`, 'StartLimitBurst=5']),
      // Sleeps once the proxy, which requires it, has ended for want of connections.
      ...(sleepAfterOf(unit) === null ? [] : ['StopWhenUnneeded=yes']),
    ],
    Service: [
      runsAtTimes ? 'Type=oneshot' : 'Type=exec', // unlike `simple`, a missing program fails the start
      ...(spec.listen === 'socket' ? [`Sockets=${nameOf(unit, 'socket')}`] : []),
      `ExecStart=${exec.map(quoteArgument).join(' ')}`,
      ...(spec.listen === 'port' ? [`ExecStartPost=${waitForPort(unit)}`] : []),
      ...(runsAtTimes ? [] : restarts(unit)),
      ...commonLines({ ...unit, spec: { ...spec, environment: variables } }),
    ],
  });
}

/** What waits for the port is Bough's own Node: `NODE_OPTIONS` and the like are meant for the app, so it gets none of them. */
function waitForPort(unit: ServiceUnit): string {
  const { spec, host } = unit;
  const wait = [...host.waitForPort, String(portOf(unit)), String(spec.health.timeoutSec)];
  return `${env} -i MAINPID=\${MAINPID} ${wait.map(quoteArgument).join(' ')}`;
}

/**
 * What the dynamic linker reads would reach even the `env` that keeps it from the helper, and a library of Nix may well ask for a
 * newer libc than the host's. So it is set by an `env` of the app's own, which becomes the app.
 */
function forAppAlone({ spec }: ServiceUnit): Pick<ServiceUnit['spec'], 'exec' | 'environment'> {
  const { exec, environment: variables } = spec;
  const forLinker = Object.entries(variables).filter(([name]) => /^(LD_.*|GLIBC_TUNABLES)$/.test(name));
  // `env` would take a program with `=` in its path for one more variable.
  if (spec.listen !== 'port' || forLinker.length === 0 || exec[0].includes('='))
    return { exec, environment: variables };
  const names = new Set(forLinker.map(([name]) => name));
  return {
    exec: [env, ...forLinker.map(([name, value]) => `${name}=${value}`), ...exec],
    environment: Object.fromEntries(Object.entries(variables).filter(([name]) => !names.has(name))),
  };
}

/** `preStart`: runs once per release, as the process would, before anything of the release is started. */
export function renderSetup(unit: ServiceUnit): string {
  const { preStart = unit.spec.exec, preStartTimeout } = unit.spec;
  return renderSections({
    Unit: [`Description=${descriptionOf(unit, 'Setup')}`, 'After=network.target'],
    Service: [
      'Type=oneshot',
      `ExecStart=${preStart.map(quoteArgument).join(' ')}`,
      `TimeoutStartSec=${preStartTimeout}`,
      ...commonLines(unit),
    ],
  });
}

/** The times at which a scheduled service runs; a missed one is caught up with. */
export function renderTimer(unit: ServiceUnit): string {
  return renderSections({
    Unit: [`Description=${descriptionOf(unit, 'Timer')}`],
    Timer: [`OnCalendar=${unit.spec.schedule ?? ''}`, 'Persistent=yes', `Unit=${nameOf(unit, 'process')}`],
  });
}

/** What takes no requests has no visitor to wake it: it comes back with `web` when that is woken. */
function wantsOf({ release, service, host }: ServiceUnit): string[] {
  if (service !== 'web') return [];
  const background = Object.entries(release.manifest.services)
    .filter(([, { listen, schedule }]) => listen === 'none' && schedule === undefined)
    .map(([name, spec]) => nameOf({ release, service: name, spec, host }, 'process'));
  return background.length === 0 ? [] : [`Wants=${background.join(' ')}`];
}

function restarts({ spec, host }: ServiceUnit): string[] {
  return [
    'Restart=always',
    'RestartSec=1',
    ...(host.systemdVersion >= 254 ? ['RestartSteps=6', 'RestartMaxDelaySec=60'] : []),
    `TimeoutStartSec=${spec.health.timeoutSec + 10}`, // the wait for the port has the deadline; this is its backstop
  ];
}

/** What every process of a service gets, may and may not. */
function commonLines(unit: ServiceUnit): string[] {
  const { release, service, spec, host } = unit;
  const directory = host.layout.appDirectory(release);
  const variables = Object.entries(environment(unit));
  return [
    `Slice=${sliceOf(host)}`,
    ...variables.map(([key, value]) => `Environment=${quoteValue(`${key}=${value}`)}`),
    `StateDirectory=${directory}`,
    'StateDirectoryMode=0700',
    `CacheDirectory=${directory}`,
    `RuntimeDirectory=${directory}-r${release.seq}-${service}`,
    `WorkingDirectory=%S/${directory}`,
    ...host.credentials.map(({ name, file }) => `LoadCredential=${name}:${file.replace(/%/g, '%%')}`),
    `TimeoutStopSec=${host.stopTimeoutSec}`,
    'KillMode=mixed',
    'OOMPolicy=stop',
    ...(host.scope === 'system'
      ? ['DynamicUser=yes', `User=${host.user}`, ...hardening([host.layout.stateDir, '/nix/var/nix/daemon-socket'])]
      : ['NoNewPrivileges=yes', 'UMask=0077']),
    ...Object.entries(spec.serviceConfig).map(([key, value]) => `${key}=${plain(value)}`),
  ];
}

/** What the app contract promises; a manifest cannot override it. */
function environment(unit: ServiceUnit): Record<string, string> {
  const { release, spec, host } = unit;
  return {
    ...spec.environment,
    ...(spec.listen === 'port' ? { PORT: String(portOf(unit)), HOST: '127.0.0.1' } : {}),
    BASE_PATH: host.basePath,
    BOUGH_URL: host.url,
    BOUGH_PROJECT: release.project,
    BOUGH_BRANCH: release.branch,
    BOUGH_COMMIT: release.commit,
    BOUGH_RELEASE: String(release.seq),
  };
}

/** A value of `serviceConfig`; its pattern lets nothing through that could end the line. */
function plain(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
