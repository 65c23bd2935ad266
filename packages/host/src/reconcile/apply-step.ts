import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { diagnose, diagnoseSetup, hasNotRun } from '@bough/core/reconcile/diagnose.ts';
import type { Step } from '@bough/core/reconcile/step.ts';
import type { Release } from '@bough/core/state/release.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import type { Actions } from '../progress/actions.ts';
import { waitFor } from '../progress/wait-for.ts';
import { removeBootRecord, writeBootRecord } from '../state/boot-record.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import type { Systemd } from '../systemd/systemd.ts';
import type { UnitFiles } from '../systemd/unit-files.ts';
import { hasConnections } from '../systemd/has-connections.ts';
import { checkUnits } from './check-units.ts';
import { failure, verify } from './verify.ts';

/** What carrying out a plan needs. */
export interface ApplyHost {
  readonly layout: Layout;
  readonly systemd: Systemd;
  readonly unitFiles: UnitFiles;
  readonly store: DeploymentStore;
  readonly settleMs: number;
  readonly drainMs: number;
  /** The longest any unit may take to stop; its own text ends it. */
  readonly stopTimeoutMs: number;
  /** Makes a GC root for a store path again. Throws AppError GC_RACE when the path is gone. */
  readonly holdRoot: (id: DeploymentId, seq: number, outPath: string, signal: AbortSignal) => Promise<void>;
  /** Removes what git keeps of a branch that is gone: its ref in the mirror and the pins no release needs. */
  readonly forgetBranch: (id: DeploymentId, branch: string, signal: AbortSignal) => Promise<void>;
  /** `Host` header of health requests. */
  readonly hostHeader: string;
  /** Where what is waited for is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/**
 * Carries out one step. Each may be repeated: what is done already is no error. `target` is the release the plan brings
 * up; steps that need one are never planned without it.
 */
export async function applyStep(
  host: ApplyHost,
  id: DeploymentId,
  target: Release | null,
  step: Step,
  signal: AbortSignal,
): Promise<void> {
  const { layout, systemd, unitFiles, store } = host;
  switch (step.kind) {
    case 'hold-root':
      return await host.holdRoot(id, step.seq, step.outPath, signal);
    case 'write-unit':
      return await unitFiles.write(step.unit, step.text);
    case 'check-units':
      return await checkUnits(host, mustHave(target, step), step.units, signal);
    case 'link-unit':
      return await unitFiles.makeLink(step.unit);
    case 'reload-systemd':
      await systemd.reload();
      return;
    case 'start-units':
      return await startUnits(host, id, mustHave(target, step), step, signal);
    case 'prepare':
      return await prepare(host, mustHave(target, step), step, signal);
    case 'verify':
      return await verify(
        { ...host, host: host.hostHeader, settleMs: step.settles ? host.settleMs : 0 },
        mustHave(target, step),
        signal,
      );
    case 'switch':
      await writeBootRecord(layout, mustHave(target, step), false);
      return await pointAt(layout, id, step.seq);
    case 'withdraw':
      await removeBootRecord(layout, id);
      return await rm(layout.currentSocket(id), { force: true });
    case 'drain':
      return await waitFor(
        host.actions,
        `the old release of ${deploymentKey(id)} to drain`,
        host.drainMs,
        async () => await delay(host.drainMs, undefined, { signal }),
      );
    case 'finish':
      return await waitFor(
        host.actions,
        `the requests to ${step.sockets.join(' ')} to finish`,
        host.drainMs,
        async () => await finish(host, step, signal),
      );
    case 'stop-units':
      // A socket first, so that no connection starts a service again that was just stopped.
      for (const units of bySocketsFirst(step.units)) await systemd.stop(units, host.stopTimeoutMs + 10_000);
      return;
    case 'clean-app':
      await systemd.resetFailed([step.unit]); // one that had to be killed is `failed`, and then systemd refuses
      await systemd.clean(step.unit);
      return;
    case 'forget-unit':
      if (parseUnitName(step.unit)?.role === 'timer') await systemd.cleanTimer(step.unit);
      await unitFiles.remove(step.unit);
      return await systemd.resetFailed([step.unit]);
    case 'remove-release':
      return await store.removeRelease(id, step.seq);
    case 'remove-sockets':
      return await rm(layout.sockets(id), { recursive: true, force: true });
    case 'remove-deployment':
      await removeBootRecord(layout, id);
      await host.forgetBranch(id, step.branch, signal);
      return await store.remove(id);
  }
}

/** Waits until no request is under way to sockets that were stopped; not longer than a drain. */
async function finish(
  { layout, drainMs }: ApplyHost,
  { sockets }: Step & { kind: 'finish' },
  signal: AbortSignal,
): Promise<void> {
  const paths = sockets.flatMap((name) => {
    const parts = parseUnitName(name);
    return parts === null ? [] : layout.releaseSocket(parts, parts.seq, parts.service);
  });
  const deadline = performance.now() + drainMs;
  while (performance.now() < deadline && (await hasConnections(new Set(paths)))) await delay(20, undefined, { signal });
}

async function startUnits(
  host: ApplyHost,
  id: DeploymentId,
  target: Release,
  step: Step & { kind: 'start-units' },
  signal: AbortSignal,
): Promise<void> {
  await mkdir(host.layout.sockets(id), { recursive: true });
  if (step.failed.length > 0) await host.systemd.resetFailed(step.failed);
  if (step.units.length === 0) return;
  const longest = Math.max(...Object.values(target.manifest.services).map(({ health }) => health.timeoutSec));
  try {
    await host.systemd.start(step.units, (longest + 30) * 1000, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw await explainStart(host, target, step.units, error);
  }
}

/** Runs `preStart` of every service that has one, to its end. Its own limit is in its unit. */
async function prepare(
  host: ApplyHost,
  target: Release,
  step: Step & { kind: 'prepare' },
  signal: AbortSignal,
): Promise<void> {
  const prepared = Object.values(target.manifest.services).filter(({ preStart }) => preStart !== undefined);
  const longest = Math.max(...prepared.map(({ preStartTimeout }) => preStartTimeout));
  await host.systemd.resetFailed(step.units);
  for (const unit of step.units) {
    try {
      await host.systemd.start([unit], (longest + 30) * 1000, signal);
    } catch (error) {
      if (signal.aborted) {
        await host.systemd.stop([unit], host.stopTimeoutMs + 10_000);
        throw error;
      }
      const { code, what } = diagnoseSetup((await host.systemd.show([unit]))[0]);
      throw await failure(host, target, unit, code, what);
    }
  }
}

/**
 * Which of the processes did not come up, and why; the error of systemctl itself where none can be found. What an app did counts
 * before what was done to it.
 */
async function explainStart(
  host: ApplyHost,
  target: Release,
  units: readonly string[],
  error: unknown,
): Promise<unknown> {
  const processes = units.filter((unit) => parseUnitName(unit)?.role === 'process');
  const found = (await host.systemd.show(processes)).flatMap((state) => {
    const diagnosis = hasNotRun(state) ? null : diagnose(state);
    return diagnosis === null ? [] : [{ unit: state.name, ...diagnosis }];
  });
  const first = found.find(({ code }) => code.startsWith('APP_')) ?? found[0];
  return first === undefined ? error : await failure(host, target, first.unit, first.code, first.what);
}

/** The switch: one rename(2), atomic, so that a request finds the old socket or the new one and never none. */
async function pointAt(layout: Layout, id: DeploymentId, seq: number): Promise<void> {
  const current = layout.currentSocket(id);
  await rm(`${current}.next`, { force: true });
  await symlink(layout.releaseSocketName(seq, 'web'), `${current}.next`);
  await rename(`${current}.next`, current);
}

function bySocketsFirst(units: readonly string[]): string[][] {
  const isSocket = (unit: string) => parseUnitName(unit)?.role === 'socket';
  return [units.filter(isSocket), units.filter((unit) => !isSocket(unit))].filter((group) => group.length > 0);
}

function mustHave(target: Release | null, step: Step): Release {
  if (target === null) throw new AppError('RECONCILE_STUCK', `the plan has a step ${step.kind} without a release`);
  return target;
}
