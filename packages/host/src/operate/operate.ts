import { AppError, describeError } from '@bough/core/app-error.ts';
import type { Operation, OperationResult, Rotated } from '@bough/core/control/operation.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { decide } from '@bough/core/operate/decide.ts';
import { decidedBefore, type DecidedBefore, type Note } from '@bough/core/operate/note.ts';
import { type Before, isOtherwise, undone } from '@bough/core/operate/undone.ts';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import type { Decision, Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { Logger } from 'pino';
import type { ReconcileRun } from '../reconcile/reconcile-deployment.ts';
import { findDeployment } from './find-deployment.ts';
import { note, readNotes } from './note.ts';
import { rotate, type RotateHost } from './rotate.ts';
import { watchServing } from './watch-serving.ts';

/** What operating needs of the host. */
export interface OperateHost extends RotateHost {
  readonly reconcile: (id: DeploymentId, run: ReconcileRun) => Promise<ReconcileOutcome>;
  /** Makes a reconcile that runs now leave off. */
  readonly interrupt: (id: DeploymentId) => void;
  /** The commit that is being built of a deployment, once it is known; `null` where there is none. */
  readonly commitInHand: (id: DeploymentId) => string | null;
  readonly now: () => Date;
  readonly log: Logger;
}

/** An operation that is done as far as its asker is concerned. `finished` resolves when the rest is, and never rejects. */
export interface Operated {
  readonly result: OperationResult;
  readonly finished: Promise<void>;
}

/**
 * `asker` ends an operation that has not begun; from its first write on, only `stop` does. `job` is known again in a run after one
 * that was cut short and may have recorded what it decided; `earlier` is how the deployment was before that.
 */
export interface OperateRun {
  readonly asker: AbortSignal;
  readonly stop: AbortSignal;
  readonly job?: string | undefined;
  readonly earlier?: Before | undefined;
  /** Told once the decision is on record and before it is carried out. */
  readonly recorded?: (() => void) | undefined;
}

export type Operate = (operation: Operation, run: OperateRun) => Promise<Operated>;

// A release that was verified before is only looked at again; its probation goes on watching it.
const knownSettleMs = 100;

interface Decided {
  readonly before: Before;
  readonly after: Deployment;
  /** Whether `after` is another than `before`. */
  readonly changed: boolean;
  readonly isKnown: boolean;
  readonly rotated: Rotated | null;
}

/**
 * Carries out what a person asks of a deployment, in this process and without Redis: the change is recorded under the
 * deployment's lock, then it is reconciled at once. Call it only while holding the worker lock. The answer comes when
 * the release serves; draining and stopping the old one goes on. What fails before the switch is undone where a person
 * chose the release: a rollback, a rotation.
 * The function made throws AppError DEPLOYMENT_UNKNOWN, OPERATION_REFUSED, and what reconciling throws.
 */
export function createOperate(host: OperateHost): Operate {
  return async (operation, { asker, stop, job, earlier, recorded }) => {
    const began = performance.now();
    const id = await findDeployment(host.store, operation.project, operation.branch);
    // What is verified or drained now may take a minute; what else there is to do waits for its turn.
    const goFirst = () => (operation.kind === 'pin' ? undefined : host.interrupt(id)); // a pin stops nothing
    goFirst();
    const decided = await record(host, id, operation, { asker, job, earlier });
    goFirst(); // what left off has begun anew, and would drain before we are told that the release serves
    const { before, after, changed, isKnown, rotated } = decided;
    recorded?.();
    const { kind, by, why } = operation;
    const log = host.log.child({ project: id.project, deployment: id.slug, operation: kind, by, why });
    log.info({ from: before.desired, to: after.desired, changed }, 'a person asked');

    const serving = watchServing(after.desired);
    const reconciled = host.reconcile(id, {
      signal: stop,
      again: false,
      log: (line) => log.info({ line }, 'reconciling'),
      ...(isKnown ? { settleMs: knownSettleMs } : {}),
      ...serving,
    });
    const finished = reconciled.then(
      () => undefined,
      (err: unknown) => log.warn({ err }, 'not all of it could be done; the next sweep goes on'),
    );

    try {
      const outcome = await Promise.race([reconciled, serving.promise]);
      const result: OperationResult = {
        kind,
        ...id,
        branch: after.branch,
        from: before.desired,
        to: after.desired,
        changed,
        pinned: after.pinned,
        suspended: after.suspended,
        rotated,
        drift: [...outcome.drift],
        ms: Math.round(performance.now() - began),
      };
      log.info({ result }, 'done as asked');
      return { result, finished };
    } catch (error) {
      await finished;
      if ((kind !== 'rollback' && kind !== 'rotate') || serving.switched() || stop.aborted) throw error;
      throw await undo(host, id, decided, error, stop, log);
    }
  };
}

async function record(
  host: OperateHost,
  id: DeploymentId,
  operation: Operation,
  { asker, job, earlier }: Pick<OperateRun, 'asker' | 'job' | 'earlier'>,
): Promise<Decided> {
  const { store } = host;
  return await store.withLock(id, async () => {
    asker.throwIfAborted(); // nobody waits for it any more
    const before = await store.read(id);
    if (before === null)
      throw new AppError('DEPLOYMENT_UNKNOWN', `${id.project} ${id.slug} was removed while this waited for its turn`);
    const releases = await store.readReleases(id);
    if (operation.kind === 'delete' && host.config.projects[id.project]?.production === before.branch)
      throw new AppError('OPERATION_REFUSED', `${before.branch} is the production branch of ${id.project}; suspend it`);
    const at = host.now().toISOString();
    const decision = { by: operation.by, at, why: operation.why };
    const done = job === undefined ? null : decidedBefore(await readNotes(host.layout, id), job);
    const { after: decided, rotated } = await decideIt(host, operation, { before, releases, decision, earlier, done });
    const after = operation.kind === 'delete' ? holding(decided, before, host.commitInHand(id), decision) : decided;
    if (after !== before) {
      if (done !== null && done.since !== null) throw overtaken(before, done.since);
      // Noted first: who dies in between leaves no decision behind that nobody is on record for.
      await note(host.layout, id, { at, ...operation, job, from: before.desired, to: after.desired });
      await store.write(after);
    }
    const isKnown = releases.find(({ seq }) => seq === after.desired)?.verdict.state === 'verified';
    const isOwn = (done?.since ?? null) === null;
    const isDone = isOwn && after === before && earlier !== undefined && isOtherwise(before, earlier); // by the earlier run
    return { before: isDone ? earlier : before, after, changed: after !== before || isDone, isKnown, rotated };
  });
}

/** What is being built of a branch that is deleted is not to bring it back, though its job may begin anew. */
function holding(after: Deployment, before: Deployment, commit: string | null, decision: Decision): Deployment {
  if (after === before || commit === null || stands(before, commit)) return after;
  return { ...after, head: { outcome: 'cancelled', commit, ...decision } };
}

/** Whether a release is on record for a commit. */
function stands({ head }: Deployment, commit: string): boolean {
  return head !== null && head.commit === commit && 'release' in head;
}

interface ToDecide {
  readonly before: Deployment;
  readonly releases: readonly Release[];
  readonly decision: Decision;
  readonly earlier: Before | undefined;
  readonly done: DecidedBefore | null;
}

async function decideIt(
  host: OperateHost,
  operation: Operation,
  { before, releases, decision, earlier, done }: ToDecide,
): Promise<Pick<Decided, 'after' | 'rotated'>> {
  if (operation.kind !== 'rotate') return { after: decide(operation, before, releases, decision), rotated: null };
  // What an earlier run has renewed is not renewed once more; that of an earlier Bough has noted no job.
  const isRenewed =
    done === null ? earlier !== undefined && earlier.desired !== before.desired : done.to === before.desired;
  if (isRenewed) return { after: before, rotated: 'restarted' };
  if (done !== null && done.since !== null) throw overtaken(before, done.since);
  return await rotate(host, operation, before, releases, decision);
}

/** What begins anew, after a death of the worker or the end of a build, does not decide over what somebody has decided since. */
function overtaken({ project, branch }: Deployment, { kind, by }: Note): AppError {
  return new AppError(
    'OPERATION_REFUSED',
    `${by ?? 'somebody'} has decided about ${project} ${branch} (${kind}) since this began: it stays so; ask again if it is still wanted`,
  );
}

function describeRestored({ desired }: Deployment, before: Before): string {
  if (desired === before.desired) return 'stays desired, as before';
  const isNewer = desired !== null && desired > before.lastSeq;
  return isNewer ? 'is desired, which was built meanwhile' : `is desired, as release ${before.desired} is gone`;
}

/** Makes desired again what was: a release that cannot come up must not be tried by every sweep. */
async function undo(
  host: OperateHost,
  id: DeploymentId,
  { before, after, changed }: Decided,
  cause: unknown,
  stop: AbortSignal,
  log: Logger,
): Promise<unknown> {
  if (!changed) return cause;
  const restored = await host.store.withLock(id, async () => {
    const now = await host.store.read(id);
    const found = now === null ? null : undone(now, before, after, await host.store.readReleases(id));
    if (found === null) return null; // a person has decided anew
    await note(host.layout, id, { at: host.now().toISOString(), kind: 'undo', error: describeError(cause) });
    await host.store.write(found);
    return found;
  });
  if (restored === null) return cause;
  log.warn({ err: cause, to: restored.desired }, 'it is undone: its release does not come up');
  await host
    .reconcile(id, { signal: stop, again: false, log: (line) => log.info({ line }, 'reconciling') })
    .catch((err: unknown) => log.warn({ err }, 'not all of it could be undone; the next sweep goes on'));
  return new AppError(
    cause instanceof AppError ? cause.code : 'RECONCILE_STUCK',
    `release ${after.desired} of ${after.project} ${after.branch} does not come up; release ${restored.desired} ${describeRestored(restored, before)}`,
    { cause, log: cause instanceof AppError ? cause.log : [] },
  );
}
