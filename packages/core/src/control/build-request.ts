import * as z from 'zod';
import { BranchName } from '../branch-name.ts';
import { ProjectName } from '../deployment-id.ts';
import { Decision } from '../state/deployment.ts';

/** Body of `POST /builds` of the control socket: the head of a branch, as `by` asks for it. */
export const BuildRequest = z.strictObject({
  project: ProjectName,
  branch: BranchName,
  by: Decision.shape.by.min(1),
});
export type BuildRequest = z.infer<typeof BuildRequest>;
