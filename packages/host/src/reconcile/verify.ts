import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import type { Layout } from '@bough/core/layout.ts';
import { deploymentKey } from '@bough/core/deployment-id.ts';
import { diagnose } from '@bough/core/reconcile/diagnose.ts';
import type { ErrorCode } from '@bough/core/error-table.ts';
import type { Service } from '@bough/core/state/manifest.ts';
import type { Release } from '@bough/core/state/release.ts';
import { dutyOf } from '@bough/core/systemd/unit-duty.ts';
import type { UnitState } from '@bough/core/systemd/unit-state.ts';
import { unitName } from '@bough/core/unit-name.ts';
import type { Actions } from '../progress/actions.ts';
import { waitFor } from '../progress/wait-for.ts';
import type { Systemd } from '../systemd/systemd.ts';
import { type Probe, probe } from './probe.ts';

/** What verifying needs. */
export interface VerifyHost {
  readonly layout: Layout;
  readonly systemd: Systemd;
  readonly settleMs: number;
  /** Value of the `Host` header of health requests. */
  readonly host: string;
  /** Where what is waited for is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/**
 * Verifies a release on its own sockets, before any request of a visitor reaches it: each process up, each health path
 * answered well within its deadline, and after a settle time still the same run of the same process. The verdict
 * depends on the release's own units alone.
 * @throws AppError APP_START, APP_CREDENTIALS, APP_EXITED, APP_NEVER_LISTENED, APP_UNHEALTHY, APP_RESTARTED,
 * and HOST_START, which is no verdict; with the journal's last lines
 */
export async function verify(host: VerifyHost, release: Release, signal: AbortSignal): Promise<void> {
  // What runs at times is not up between them.
  const services = Object.entries(release.manifest.services)
    .filter(([, { schedule }]) => schedule === undefined)
    .map(([service]) => service);
  await waitUntilAllHealthy(host, release, services, signal);
  const before = await Promise.all(services.map((service) => stateOf(host, release, service)));
  await waitFor(
    host.actions,
    `release ${release.seq} of ${deploymentKey(release)} to settle`,
    host.settleMs,
    async () => await delay(host.settleMs, undefined, { signal }),
  );
  for (const [index, service] of services.entries()) {
    const after = await stateOf(host, release, service);
    if (hasGoneToSleep(release, after)) continue;
    await mustBeUp(host, release, after);
    if (after.invocation !== before[index]?.invocation || after.mainPid !== before[index]?.mainPid) {
      throw await failure(
        host,
        release,
        after.name,
        'APP_RESTARTED',
        `it restarted within ${host.settleMs / 1000} s of its start`,
      );
    }
  }
}

/** Whether nobody visited a process for as long as its release lets it run then, which may be less than the settle time. */
function hasGoneToSleep({ units }: Release, { name, load, active, sub, result }: UnitState): boolean {
  const rests = dutyOf(name, units?.[name] ?? '') === 'rests';
  // One that ended by itself is stopped too where nobody needs it; one that ends ill as it was told to is `failed` to systemd.
  const endedItself = sub !== 'failed' && result !== 'success';
  return rests && load === 'loaded' && (active === 'inactive' || active === 'deactivating') && !endedItself;
}

/** The first failure ends the wait for the other services: nothing is asked any more once the verdict is there. */
async function waitUntilAllHealthy(
  host: VerifyHost,
  release: Release,
  services: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  await Promise.allSettled(
    services.map((service) =>
      waitUntilHealthy(host, release, service, either).catch((error: unknown) => failed.abort(error)),
    ),
  );
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
}

async function waitUntilHealthy(
  host: VerifyHost,
  release: Release,
  service: string,
  signal: AbortSignal,
): Promise<void> {
  const spec = release.manifest.services[service];
  if (spec === undefined) return;
  const { listen, health } = spec;
  const name = unitName({ ...release, service, role: 'process' });
  const what = listen === 'none' ? `${name} to be up` : `GET ${health.path} of ${name}`;
  const longestMs = (health.timeoutSec + health.intervalSec) * 1_000;
  await waitFor(
    host.actions,
    what,
    longestMs,
    async () => await askUntilHealthy(host, release, { service, spec, name }, signal),
  );
}

const longestProbeMs = 5_000;

async function askUntilHealthy(
  host: VerifyHost,
  release: Release,
  { service, spec, name }: { readonly service: string; readonly spec: Service; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + spec.health.timeoutSec * 1000; // no clock: that may jump, most of all after a boot
  const socket = host.layout.releaseSocket(release, release.seq, service);
  const sleeps = dutyOf(name, release.units?.[name] ?? '') === 'rests';
  const longestTurnMs = longestProbeMs + spec.health.intervalSec * 1000 + 1_000;
  let isHeld = false;
  let asked = false;
  let last: Probe = { error: 'not asked yet' };
  for (;;) {
    const began = performance.now();
    const wasHeld = isHeld;
    signal.throwIfAborted();
    // One that sleeps is woken by the first question.
    if (asked || !sleeps) {
      const state = await stateOf(host, release, service);
      if (!hasGoneToSleep(release, state)) await mustBeUp(host, release, state);
    }
    if (spec.listen === 'none') return;
    last = await probe(
      socket,
      spec.health.path,
      host.host,
      isHeld ? longestProbeMs : Math.max(100, Math.min(longestProbeMs, deadline - performance.now())),
      signal,
    );
    signal.throwIfAborted();
    asked = true;
    if ('status' in last && isGood(last.status, spec.health.status)) return;
    const isLast = performance.now() > deadline;
    if ('error' in last && (isLast || !existsSync(socket))) await mustListen(host, release, service);
    // Where this process was frozen and not the app, the app is asked once more: its answer may have waited.
    isHeld = performance.now() - began > longestTurnMs;
    if (performance.now() > deadline && (!isHeld || wasHeld)) break;
    await delay(spec.health.intervalSec * 1000, undefined, { signal });
  }
  throw await failure(host, release, name, ...unhealthy(spec, last));
}

/**
 * What somebody does to the socket of a release while it is asked is no verdict over it: the next sweep makes it listen again. One
 * that has failed did so as its service does not start.
 */
async function mustListen(host: VerifyHost, release: Release, service: string): Promise<void> {
  const name = unitName({ ...release, service, role: 'socket' });
  const [unit] = await host.systemd.show([name]);
  const path = host.layout.releaseSocket(release, release.seq, service);
  if (unit?.active === 'failed') return;
  if (unit?.active !== 'active') throw await failure(host, release, name, 'HOST_START', `${name} was stopped`);
  if (!existsSync(path)) throw await failure(host, release, name, 'HOST_START', `the file ${path} was removed`);
}

/**
 * A process behind a port was found to listen before it was asked. Of one that takes the socket nobody knows: systemd
 * listens for it, and a connection nobody takes is never answered.
 */
function unhealthy({ listen, health }: Service, last: Probe): [ErrorCode, string] {
  const asked = `GET ${health.path}`;
  if ('status' in last) return ['APP_UNHEALTHY', `${asked} still answered ${last.status} after ${health.timeoutSec} s`];
  return [
    listen === 'port' ? 'APP_UNHEALTHY' : 'APP_NEVER_LISTENED',
    `${asked} had no answer within ${health.timeoutSec} s (the last try: ${last.error})`,
  ];
}

function isGood(status: number, wanted: readonly number[] | undefined): boolean {
  return wanted === undefined ? status >= 200 && status < 400 : wanted.includes(status);
}

async function stateOf(host: VerifyHost, release: Release, service: string): Promise<UnitState> {
  const name = unitName({ ...release, service, role: 'process' });
  const state = (await host.systemd.show([name]))[0];
  if (state === undefined) throw new AppError('SYSTEMD_FAILED', `systemd says nothing of ${name}`);
  return state;
}

async function mustBeUp(host: VerifyHost, release: Release, state: UnitState): Promise<void> {
  const diagnosis = diagnose(state);
  if (diagnosis !== null) throw await failure(host, release, state.name, diagnosis.code, diagnosis.what);
}

/** Why a release does not come up, with the last lines its process wrote. Where the host is to blame, it says so. */
export async function failure(
  host: Pick<VerifyHost, 'systemd'>,
  release: Release,
  unit: string,
  code: AppError['code'],
  what: string,
): Promise<AppError> {
  const log = await host.systemd.journal(unit, 20, new Date(release.builtAt));
  const judged = code === 'HOST_START' ? 'cannot be started on this host' : 'is not fit to serve';
  return new AppError(
    code,
    `release ${release.seq} of ${release.project} ${release.branch} ${judged}: ${what}; see journalctl --unit ${unit}`,
    { log },
  );
}
