import * as z from 'zod';
import { ProjectName } from '../deployment-id.ts';
import { Decision } from './deployment.ts';

/**
 * What a person decided about a project as a whole. `projects/<project>.json`, there only while the project is suspended:
 * a branch that is new to it begins suspended, by the same decision. Branches known before have their own. Tolerant, see `Deployment`.
 */
export const ProjectRecord = z.object({ schema: z.literal(1), project: ProjectName, suspended: Decision });
export type ProjectRecord = z.infer<typeof ProjectRecord>;
