import type { Job, Queue } from 'bullmq';
import { until } from './until.ts';

/** The next job of a queue that fails once `work` has begun, whoever asked for it. `isIt` tells it from others. */
export async function nextFailure(
  queue: Queue,
  work: () => Promise<unknown>,
  isIt: (job: Job) => boolean = () => true,
): Promise<Job> {
  const earlier = new Set((await queue.getFailed()).map(({ id }) => id));
  await work();
  return await until(
    'a job fails',
    async () => (await queue.getFailed()).find((job) => !earlier.has(job.id) && isIt(job)),
    60_000,
  );
}
