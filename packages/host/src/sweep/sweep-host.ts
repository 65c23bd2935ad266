import type { Config } from '@bough/core/config/config.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Plan } from '@bough/core/reconcile/plan.ts';
import type { Actions } from '../progress/actions.ts';
import type { PlanHost, PlannedDeployment } from '../reconcile/plan-deployment.ts';

/** What sweeping needs of the host. */
export interface SweepHost extends PlanHost {
  readonly config: Config;
  readonly slugOf: (branch: string) => string;
  /** The forge's branches and their heads, or only `branch` of them. Throws AppError SOURCE_FETCH and its like. */
  readonly lsRemote: (remote: string, signal: AbortSignal, branch?: string) => Promise<ReadonlyMap<string, string>>;
  /**
   * Whether this very commit of a deployment is being built and not given up, or was after `since` (ms of the monotonic clock),
   * however that ended. Throws the reason of `signal`.
   */
  readonly wasBuilding: (id: DeploymentId, commit: string, since: number, signal: AbortSignal) => Promise<boolean>;
  readonly enqueueBuild: (project: string, branch: string, commit: string) => Promise<unknown>;
  /** Urgent is what goes or crashes: what only differs waits behind all others. */
  readonly enqueueReconcile: (id: DeploymentId, how?: { readonly urgent: boolean }) => Promise<unknown>;
  /** Makes a reconcile that runs now leave off. */
  readonly interrupt: (id: DeploymentId) => void;
  /** Stops the running build of a branch that is gone. */
  readonly cancelBuild: (id: DeploymentId, reason: string) => void;
  /** Removes GC roots and pinned refs no release needs. */
  readonly pruneStrays: (project: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Mends what lies beside the units of a deployment that needs nothing else; says what it did. */
  readonly mend?: (id: DeploymentId, planned: PlannedDeployment) => Promise<string | null>;
  /**
   * Puts previews to sleep, or lets them expire, as the limits of their project ask for; tells of each with its reason. Gives those a
   * reconcile was asked for.
   */
  readonly keepLimits?: (project: string, found: (line: string) => void) => Promise<readonly DeploymentId[]>;
  /** Told of the plan of every deployment that is looked at, an empty one too. */
  readonly onPlan?: (id: DeploymentId, plan: Plan) => void;
  /** Told of each project that was looked at, and whether wholly. */
  readonly swept?: (project: string, isWhole: boolean) => Promise<void>;
  /** Where what is waited for is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/** What a sweep found. Every finding names its reason. */
export interface SweepOutcome {
  readonly findings: readonly string[];
}

/** What one sweep runs with. */
export interface SweepRun {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Does one part of a sweep; a failure is noted, and must not keep the other parts from being done. */
export type Guarded = (what: string, work: () => Promise<void>) => Promise<void>;
