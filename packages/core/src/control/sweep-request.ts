import * as z from 'zod';
import { ProjectName } from '../deployment-id.ts';

/** Body of `POST /sweeps` of the control socket: one project, or all with `null`. */
export const SweepRequest = z.strictObject({ project: ProjectName.nullable() });
export type SweepRequest = z.infer<typeof SweepRequest>;

/** The job that sweeps. */
export const SweepAccepted = z.object({ job: z.string(), outcome: z.string() });
export type SweepAccepted = z.infer<typeof SweepAccepted>;
