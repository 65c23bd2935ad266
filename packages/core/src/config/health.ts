import * as z from 'zod';
import { seconds } from './fields.ts';

/** How a release is checked before requests reach it. */
export const Health = z.strictObject({
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/, 'must start with / and hold no spaces')
    .default('/')
    .describe('Path asked for on the release itself, below its own root.'),
  status: z
    .array(z.int().min(100).max(599))
    .min(1)
    .optional()
    .describe('Statuses that are good; any from 200 to 399 unless set.'),
  timeoutSec: seconds(60, 'The process must answer well within this many seconds of its start.'),
  intervalSec: seconds(0.1, 'Seconds between two questions.'),
});
export type Health = z.infer<typeof Health>;
