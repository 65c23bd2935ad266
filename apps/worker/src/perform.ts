import { AppError } from '@bough/core/app-error.ts';
import type { Cancel, CancelResult, Operation } from '@bough/core/control/operation.ts';
import { Before } from '@bough/core/operate/undone.ts';
import { chooseRelease } from '@bough/host/operate/choose-release.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import type { Operate, Operated, OperateRun } from '@bough/host/operate/operate.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import type { CancelRun } from './cancel/cancel-build.ts';
import type { OperationRun } from './consume-operations.ts';

/** What performing operations needs. */
export interface PerformHost {
  readonly store: DeploymentStore;
  readonly operate: Operate;
  readonly cancelBuild: (ask: Cancel, run?: CancelRun) => Promise<CancelResult>;
  /** Told of each deployment that may be another than before. */
  readonly changed: (operation: { readonly project: string; readonly slug: string }) => void;
  readonly now: () => Date;
}

/** Does what a person asks for, by the control socket or by a job: the same code, whichever way they came. */
export function createPerform({ store, operate, cancelBuild, changed, now }: PerformHost) {
  async function cancel(ask: Cancel, run?: CancelRun): Promise<CancelResult> {
    const result = await cancelBuild(ask, run);
    changed(result);
    return result;
  }

  /** `null`: nothing was being built, nor waited to be. */
  async function cancelAny(ask: Cancel, run?: CancelRun): Promise<CancelResult | null> {
    try {
      return await cancel(ask, run);
    } catch (error) {
      if (error instanceof AppError && nothingToCancel.has(error.code)) return null;
      throw error;
    }
  }

  /**
   * What is built of a branch when it is deleted would bring it back, or has just done so. It is cancelled as soon as the decision is
   * on record: what is pushed while the branch is taken down is not meant.
   */
  async function operation(asked: Operation, run: OperateRun, cancelRun?: CancelRun): Promise<Operated> {
    let cancelling: Promise<CancelResult | null> = Promise.resolve(null);
    const recorded = () => {
      if (asked.kind !== 'delete') return;
      cancelling = cancelAny({ ...asked, kind: 'cancel' }, cancelRun);
      cancelling.catch(() => undefined); // it is awaited below, unless the branch could not be taken down
    };
    const operated = await operate(asked, { ...run, recorded });
    changed(operated.result);
    void operated.finished.then(() => changed(operated.result));
    const cancelled = await cancelling;
    if (cancelled !== null && (await isBack(store, cancelled))) await operate(asked, run);
    return operated;
  }

  return {
    cancel,
    operation,
    async job(asked: Operation | Cancel, { signal, job, commit, before, remember }: OperationRun): Promise<object> {
      const cancelRun = { commit, remember: async (found: string) => await remember({ commit: found }) };
      if (asked.kind === 'cancel') return await cancel(asked, cancelRun);
      const chosen = await chooseRelease(store, asked, now().toISOString());
      const found = before === undefined ? await beforeUndoable(store, chosen) : null;
      if (found !== null) await remember({ operation: chosen, before: found });
      return (await operation(chosen, { asker: signal, stop: signal, job, earlier: before }, cancelRun)).result;
    },
  };
}

/** Nothing was being built, or Redis is away, and with it what waits. */
const nothingToCancel: ReadonlySet<string> = new Set(['OPERATION_REFUSED', 'QUEUE_UNAVAILABLE']);

/** Whether what was cancelled had come to its end before that, and brought the branch back. */
async function isBack(store: DeploymentStore, { project, slug, held }: CancelResult): Promise<boolean> {
  const deployment = await store.read({ project, slug });
  return deployment !== null && deployment.expired === null && held !== null && deployment.head?.commit === held;
}

/** How a deployment is before what may have to be undone by a later run; `null` where nothing is undone. */
async function beforeUndoable(store: DeploymentStore, { kind, project, branch }: Operation): Promise<Before | null> {
  if (kind !== 'rollback' && kind !== 'rotate') return null;
  const deployment = await store.read(await findDeployment(store, project, branch));
  return deployment === null ? null : Before.parse(deployment);
}
