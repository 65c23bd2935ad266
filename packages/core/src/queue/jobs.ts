import * as z from 'zod';
import { BranchName } from '../branch-name.ts';
import { Commit } from '../commit.ts';
import { Cancel, Operation } from '../control/operation.ts';
import { DeploymentId, ProjectName } from '../deployment-id.ts';
import { Before } from '../operate/undone.ts';
import { Decision } from '../state/deployment.ts';
import { CancelMark } from './cancel-mark.ts';

/** The queues of one host. `bullmq` forbids `:` in a queue's name. */
export const queueNames = { build: 'build', reconcile: 'reconcile', sweep: 'sweep', operate: 'operate' } as const;

export type QueueName = keyof typeof queueNames;

/** One of something for each queue. */
export function perQueue<T>(make: () => T): Record<QueueName, T> {
  return { build: make(), reconcile: make(), sweep: make(), operate: make() };
}

/** What every key of the queues starts with in Redis, so that it may be shared with others. */
export const queuePrefix = 'bough';

/** Who asked for a job. Kept in the release that came of it, so it is read as tolerantly as that. */
export const Asked = z.discriminatedUnion('by', [
  z.object({ by: z.literal('delivery'), delivery: z.string().max(128) }),
  z.object({ by: z.literal('sweep') }),
  z.object({ by: z.literal('build') }),
  z.object({ by: z.literal('person'), name: Decision.shape.by.optional() }),
]);
export type Asked = z.infer<typeof Asked>;

/**
 * Job `build` of queue `build`: "look at this branch". A hint only: the worker builds the branch's head as it finds it.
 * `seen` is the commit the asker saw, for logs and for telling what of the branch was asked for; see `Ask`.
 */
export const BuildJob = z.strictObject({
  project: ProjectName,
  branch: BranchName,
  asked: Asked,
  seen: Commit.optional(),
  /** Why `seen` is not to be built, where the push said so and not its commit. Heeded while `seen` is the head and nothing before it is owed. */
  skip: z.string().max(200).optional(),
  cancelled: CancelMark.optional(),
});
export type BuildJob = z.infer<typeof BuildJob>;

/** Job `reconcile` of queue `reconcile`: "look at this deployment". It says nothing about what changed. */
export const ReconcileJob = z.strictObject({ ...DeploymentId.shape, asked: Asked });
export type ReconcileJob = z.infer<typeof ReconcileJob>;

/** Job `sweep` of queue `sweep`: "compare the forge's refs with the world", for one project or for all. */
export const SweepJob = z.strictObject({ project: ProjectName.optional(), asked: Asked });
export type SweepJob = z.infer<typeof SweepJob>;

/** Job `operate` of queue `operate`: "do what a person asks for". It waits behind no build and no other deployment. */
export const OperateJob = z.strictObject({
  operation: z.union([Operation, Cancel]),
  asked: Asked,
  /** The commit a cancel is about, once that is known: a run after a crash holds it though nothing is built any more. */
  commit: Commit.optional(),
  /** How the deployment was when a rollback or a rotation began: a run after a crash can undo it still. */
  before: Before.optional(),
});
export type OperateJob = z.infer<typeof OperateJob>;

/**
 * Job `gc` of queue `build`, and therefore never while something is built: "collect what nothing needs". `all`: down to
 * the last garbage, whatever is free.
 */
export const GcJob = z.strictObject({ asked: Asked, all: z.boolean().default(false) });
export type GcJob = z.infer<typeof GcJob>;

/** How a `gc` job ended without failing. `removed` holds a sentence with its reason for each thing, up to a hundred. */
export type GcOutcome = {
  outcome: 'collected';
  removed: string[];
  /** How many there are, also beyond those in `removed`. */
  removedCount: number;
  /** What Nix says it freed in the store. */
  storePaths: number;
  storeBytes: number;
  /** What was freed beside the store: logs, and copies of repositories. */
  otherBytes: number;
  /** Free for the store after that. */
  freeBytes: number;
  problems: string[];
};

/**
 * How a build job ended without failing. It is the job's return value, shown in Bull Board. `held` says why the release
 * was built and recorded but is not started.
 */
export type BuildOutcome =
  | { outcome: 'built'; commit: string; release: number; outPath: string; held?: string }
  | { outcome: 'unchanged'; commit: string; release: number; reason: string }
  | { outcome: 'superseded'; commit: string; by: string }
  | { outcome: 'cancelled'; commit: string | null; by: string; reason: string }
  | { outcome: 'skipped'; commit: string; reason: string }
  | { outcome: 'gone'; reason: string };

/** How a reconcile job ended without failing. `applied` holds the sentences of the steps carried out. */
export type ReconcileOutcome = {
  outcome: 'converged' | 'removed' | 'drift';
  release: number | null;
  applied: string[];
  drift: string[];
};
