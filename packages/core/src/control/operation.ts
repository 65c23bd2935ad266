import * as z from 'zod';
import { Commit } from '../commit.ts';
import { ProjectName, Slug } from '../deployment-id.ts';
import { Decision } from '../state/deployment.ts';

/** The reason somebody gives. Others read it in a terminal, in a line of its own. */
export const Why = Decision.shape.why.regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, 'must be one line of text');

/** Whom it is about, who asks, and why. `branch` is a branch's name or its slug. */
const asked = {
  project: ProjectName,
  branch: z.string().min(1).max(255),
  by: Decision.shape.by.min(1),
  why: Why,
};

/** What a person may decide about one deployment: which release is desired, and whether it runs. */
export const Choice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rollback'), ...asked, release: z.int().positive().nullable() }),
  z.strictObject({ kind: z.literal('pin'), ...asked }),
  z.strictObject({ kind: z.literal('unpin'), ...asked }),
  z.strictObject({ kind: z.literal('suspend'), ...asked }),
  z.strictObject({ kind: z.literal('resume'), ...asked }),
  z.strictObject({ kind: z.literal('delete'), ...asked }),
]);
export type Choice = z.infer<typeof Choice>;

/** The content of a credential's file is new. `credential`: `null` stands for all of the project. */
export const Rotate = z.strictObject({
  kind: z.literal('rotate'),
  ...asked,
  credential: z.string().min(1).max(64).nullable(),
});
export type Rotate = z.infer<typeof Rotate>;

/** What a person may ask of one deployment. Body of `POST /operations` of the control socket. */
export const Operation = z.discriminatedUnion('kind', [...Choice.options, Rotate]);
export type Operation = z.infer<typeof Operation>;

/**
 * What a rotation came to. `restarted`: a new release of the same output serves. `asleep`, `suspended`, `not live`: nothing
 * runs, and whatever starts next reads the new content. `unused`: the branch does not get the credential.
 */
export const Rotated = z.enum(['restarted', 'asleep', 'suspended', 'not live', 'unused']);
export type Rotated = z.infer<typeof Rotated>;

const seq = z.int().positive().nullable();

/** What became of it. It is answered once the release serves: the old one may be draining still. */
export const OperationResult = z.strictObject({
  kind: z.enum(['rollback', 'pin', 'unpin', 'suspend', 'resume', 'delete', 'rotate']),
  project: ProjectName,
  slug: Slug,
  branch: z.string(),
  /** The release desired before, and the one desired now. */
  from: seq,
  to: seq,
  /** Whether anything had to be recorded: asking for what is so already changes nothing. */
  changed: z.boolean(),
  pinned: Decision.nullable(),
  suspended: Decision.nullable(),
  /** Of a rotation alone. */
  rotated: Rotated.nullable(),
  /** What differs but is a person's doing. */
  drift: z.array(z.string()),
  /** From the request to the answer. */
  ms: z.int().min(0),
});
export type OperationResult = z.infer<typeof OperationResult>;

/** A person wants nothing of a branch to be built now. Body of `POST /cancellations` of the control socket. */
export const Cancel = z.strictObject({ kind: z.literal('cancel'), ...asked });
export type Cancel = z.infer<typeof Cancel>;

/** What a cancel came to. It is answered once the processes of the build are gone. */
export const CancelResult = z.strictObject({
  kind: z.literal('cancel'),
  project: ProjectName,
  slug: Slug,
  branch: z.string(),
  /** The jobs that end as cancelled. */
  jobs: z.array(z.strictObject({ job: z.string(), was: z.enum(['running', 'waiting']) })),
  /** The commit that is not built until a person asks for it; `null`: which one is the head could not be told. */
  held: Commit.nullable(),
  ms: z.int().min(0),
});
export type CancelResult = z.infer<typeof CancelResult>;
