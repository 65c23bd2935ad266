import * as z from 'zod';
import { BranchName } from '../branch-name.ts';
import { Commit } from '../commit.ts';
import { DeploymentId } from '../deployment-id.ts';

/** What became of the newest commit that was looked at. `release` is the one that stands for it. */
export const HeadRecord = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('released'), commit: Commit, release: z.int().positive(), at: z.iso.datetime() }),
  z.object({
    outcome: z.literal('unchanged'),
    commit: Commit,
    release: z.int().positive(),
    at: z.iso.datetime(),
  }),
  z.object({ outcome: z.literal('skipped'), commit: Commit, reason: z.string(), at: z.iso.datetime() }),
  z.object({
    outcome: z.literal('failed'),
    commit: Commit,
    code: z.string(),
    message: z.string(),
    at: z.iso.datetime(),
  }),
  /** A person stopped its build: it is held until another commit comes, or a person asks for it. */
  z.object({
    outcome: z.literal('cancelled'),
    commit: Commit,
    by: z.string().max(128),
    why: z.string().max(1024),
    at: z.iso.datetime(),
  }),
]);
export type HeadRecord = z.infer<typeof HeadRecord>;

/** A decision of a person: who, when and why. */
export const Decision = z.object({ by: z.string().max(128), at: z.iso.datetime(), why: z.string().max(1024) });
export type Decision = z.infer<typeof Decision>;

/** What the limits of the project came to, without a person: when and why. */
export const Ruling = z.object({ at: z.iso.datetime(), why: z.string().max(1024) });
export type Ruling = z.infer<typeof Ruling>;

/**
 * A deployment as desired. `deployment.json`. `present: false` says the branch is gone: everything of it is taken down
 * and this file goes last. `desired` is the release that should serve; `null` until one was built.
 *
 * Records are read tolerantly, unlike what people write: a newer Bough may have written one with a field more, and whoever goes back
 * from it keeps what he had. Such a field is dropped when the record is written again.
 */
export const Deployment = z.object({
  schema: z.literal(1),
  ...DeploymentId.shape,
  branch: BranchName,
  present: z.boolean(),
  desired: z.int().positive().nullable(),
  /** The last sequence number given out; never reused. */
  lastSeq: z.int().min(0),
  head: HeadRecord.nullable(),
  /** A person rolled back or pinned: newer releases are built and recorded, and `desired` stays until un-pinned. */
  pinned: Decision.nullable().default(null),
  /** A person suspended it: nothing of it runs until resumed. */
  suspended: Decision.nullable().default(null),
  /** A person resumed it after it was suspended or had expired: its time to live counts from here, or from a later push. */
  resumed: Decision.nullable().default(null),
  /** The limits put it to sleep: its sockets listen and its processes may be down, until a visit has woken it. */
  asleep: Ruling.nullable().default(null),
  /** The limits or a person took it down: nothing of it runs until a push or a person brings it back. */
  expired: Ruling.nullable().default(null),
  /** Branches of the forge that have the same slug: not deployed while this one is there. */
  rivals: z.array(BranchName).default([]),
});
export type Deployment = z.infer<typeof Deployment>;

/** A deployment nothing is known of yet. */
export function newDeployment(id: DeploymentId, branch: string): Deployment {
  return {
    schema: 1,
    ...id,
    branch,
    present: true,
    desired: null,
    lastSeq: 0,
    head: null,
    pinned: null,
    suspended: null,
    resumed: null,
    asleep: null,
    expired: null,
    rivals: [],
  };
}
