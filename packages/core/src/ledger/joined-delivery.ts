import * as z from 'zod';

/**
 * What Redis remembers of a delivery that an earlier job stands for. It has no job of its own that could tell of it, so this does
 * where the receiver ended before the ledger had its line.
 */
export const JoinedDelivery = z.object({
  /** The id its own job would have had, and the job that stands for it. */
  own: z.string(),
  job: z.string(),
  /** In ms since 1970. */
  at: z.int(),
  project: z.string(),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  delivery: z.string(),
});
export type JoinedDelivery = z.infer<typeof JoinedDelivery>;
