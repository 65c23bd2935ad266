import type { Manifest, Service } from './manifest.ts';

/** Processes of one branch. Each is several units, which are asked about together. */
const mostServices = 32;
/** Seconds a release may take to come up, all that waits for it together: nobody else's is looked at by who waits. */
const longestStart = 3_600;
/** Seconds a process may take to end; until then its branch cannot be taken down. */
export const longestStop = 600;

/** What systemd itself tells a process: set by a manifest it would win over that, and the app would look in the wrong place. */
const toldBySystemd = new Set([
  'STATE_DIRECTORY',
  'CACHE_DIRECTORY',
  'RUNTIME_DIRECTORY',
  'CREDENTIALS_DIRECTORY',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
  'MAINPID',
]);

/**
 * What of a manifest is more than one branch may take from all others, or say, a sentence each. Not part of its schema: a release that
 * is on record stays what it is.
 */
export function beyondLimits({ services }: Manifest): string[] {
  const all = Object.entries(services);
  const start = all.reduce((total, [, service]) => total + startOf(service), 0);
  return [
    ...(all.length > mostServices ? [`services: there are ${all.length}, and may be ${mostServices}`] : []),
    ...(start > longestStart
      ? [`services: all preStartTimeout and health.timeoutSec together are ${start} s, and may be ${longestStart}`]
      : []),
    ...all.flatMap(([name, { environment }]) =>
      Object.keys(environment).flatMap((variable) =>
        toldBySystemd.has(variable)
          ? [`services.${name}.environment.${variable}: must not be set: it is what systemd tells the process`]
          : [],
      ),
    ),
    ...all.flatMap(([name, { serviceConfig }]) =>
      Object.entries(serviceConfig).flatMap(([directive, value]) => {
        const problem = problemOf(directive, value);
        return problem === null ? [] : [`services.${name}.serviceConfig.${directive}: ${problem}`];
      }),
    ),
  ];
}

function startOf({ listen, health, preStart, preStartTimeout }: Service): number {
  return (listen === 'none' ? 0 : health.timeoutSec) + (preStart === undefined ? 0 : preStartTimeout);
}

/** The others of the allowed directives can only take away. */
function problemOf(directive: string, value: string | number | boolean): string | null {
  if (directive === 'Nice' || directive === 'OOMScoreAdjust')
    return /^\d+$/.test(String(value))
      ? null
      : 'must be a whole number from 0 on: below, it would be at the cost of others';
  if (directive !== 'TimeoutStopSec') return null;
  const [, amount = '', unit = ''] = /^((?:0|[1-9]\d*)(?:\.\d+)?) ?(s|sec|min)?$/.exec(String(value)) ?? [];
  const seconds = Number(amount) * (unit === 'min' ? 60 : 1);
  return seconds > 0 && seconds <= longestStop
    ? null
    : `must be above 0 and at most ${longestStop} seconds, as 90s or 5min`;
}
