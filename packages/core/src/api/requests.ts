import * as z from 'zod';
import { BranchName } from '../branch-name.ts';
import { Rotate, Why } from '../control/operation.ts';
import { ProjectName } from '../deployment-id.ts';

/** The part of an address that names a project. */
export const OfProject = z.object({ project: ProjectName });

/** The parts that name a branch: by its name, percent-encoded, or where it is known already by its slug. */
export const OfBranch = z.object({
  project: ProjectName,
  branch: BranchName.describe(
    'The name of the branch, percent-encoded: `feature%2Fx`. Or its slug, once it was deployed, but for a deploy.',
  ),
});

/** The part that names a job. */
export const OfJob = z.object({ id: z.string().min(1).max(200) });

const why = Why.default('').describe('The reason, for those who look later.');

/** A body that may be left out: `null` or none stands for `{}`. */
const optional = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).nullish();

/** The body of most operations. */
export const Reason = optional({ why });

/** The body of a rollback. */
export const Rollback = optional({
  why,
  release: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('The newest verified one before the desired one unless set.'),
});

/** The body of a rotation. */
export const Rotation = optional({
  why,
  credential: Rotate.shape.credential.default(null).describe('One credential of the project; all unless set.'),
});

/** Which deliveries are asked for. */
export const DeliveryQuery = z.object({
  branch: z.string().min(1).max(255).optional(),
  outcome: z.string().min(1).max(64).optional().describe('That of the answer or of a job: `failed`, `missed`.'),
  before: z.coerce.number().int().positive().optional().describe('Only those before this `seq`: the next page.'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
