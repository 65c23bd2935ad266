import * as z from 'zod';

/** The job that stands for what was asked for. */
export const JobAccepted = z.object({ job: z.string(), outcome: z.string() });
export type JobAccepted = z.infer<typeof JobAccepted>;
