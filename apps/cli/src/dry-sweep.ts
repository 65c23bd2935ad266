import { AppError } from '@bough/core/app-error.ts';
import type { Plan } from '@bough/core/reconcile/plan.ts';
import { describeAct, lookAtLimits } from '@bough/host/limits/look-at-limits.ts';
import { openHost } from '@bough/host/open-host.ts';
import { createSweep } from '@bough/host/sweep/sweep.ts';
import type { Cli } from './command.ts';

/** What a sweep would do. `findings` are about the forge's refs; a deployment without steps and drift has no plan. */
export interface DrySweep {
  readonly findings: readonly string[];
  readonly plans: readonly (Plan & { readonly project: string; readonly slug: string })[];
  readonly problems: readonly string[];
}

/** The sweep itself, on a host on which nothing can be changed. */
export async function drySweep({ config, tools, log, signal }: Cli, project: string | null): Promise<DrySweep> {
  const { run } = await tools();
  const host = await openHost({ config, run, log });
  const findings: string[] = [];
  const plans: DrySweep['plans'][number][] = [];
  const nothing = () => Promise.resolve();
  const sweep = createSweep({
    ...host,
    store: { ...host.store, write: nothing, writeRelease: nothing, remove: nothing, removeRelease: nothing },
    lsRemote: async (...asked) => await host.mirror.lsRemote(...asked),
    wasBuilding: () => Promise.resolve(false), // the worker knows
    enqueueBuild: nothing,
    enqueueReconcile: nothing,
    interrupt: () => undefined,
    cancelBuild: () => undefined,
    pruneStrays: () => Promise.resolve([]),
    async keepLimits(of, found) {
      for (const act of (await lookAtLimits(host, of))?.acts ?? []) found(describeAct(act));
      return [];
    },
    onPlan(id, plan) {
      if (plan.steps.length > 0 || plan.drift.length > 0) plans.push({ ...id, ...plan });
    },
  });
  const problems: string[] = [];
  try {
    await sweep(project, {
      signal,
      log(line) {
        // What is to be reconciled the plans tell in full, and the problems come at the end.
        if (!/^(reconcile|problem:) /.test(line)) findings.push(line);
      },
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'SWEEP_INCOMPLETE') throw error;
    problems.push(...error.log);
  }
  return { findings, plans, problems };
}
