import * as z from 'zod';
import { ProjectName } from '../deployment-id.ts';

/** Body of `POST /sweeps` of the control socket: one project, or all with `null`. */
export const SweepRequest = z.strictObject({ project: ProjectName.nullable() });
export type SweepRequest = z.infer<typeof SweepRequest>;
