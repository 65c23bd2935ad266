import * as z from 'zod';
import { ProjectName } from '../deployment-id.ts';
import { Decision } from '../state/deployment.ts';
import { Why } from './operation.ts';

/** What a person may decide about the branches a project does not have yet. Body of `POST /projects` of the control socket. */
export const ProjectOperation = z.strictObject({
  kind: z.enum(['suspend', 'resume']),
  project: ProjectName,
  by: Decision.shape.by.min(1),
  why: Why,
});
export type ProjectOperation = z.infer<typeof ProjectOperation>;

/** What became of it. `suspended`: the decision that holds now. */
export const ProjectResult = z.strictObject({
  kind: ProjectOperation.shape.kind,
  project: ProjectName,
  changed: z.boolean(),
  suspended: Decision.nullable(),
});
export type ProjectResult = z.infer<typeof ProjectResult>;
