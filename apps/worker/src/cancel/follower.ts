import { buildJobOptions, cancelledJobOptions } from '@bough/core/queue/job-options.ts';
import { BuildJob } from '@bough/core/queue/jobs.ts';
import type { Decision } from '@bough/core/state/deployment.ts';
import type { CancelHost } from './cancel-build.ts';
import type { BranchOf } from './find-builds.ts';

/** What the run is asked that would follow a running one; `null`: nothing would follow. */
export async function findFollower({ queues, redis }: CancelHost, of: BranchOf): Promise<BuildJob | null> {
  return parse(await redis.hget(keyOf(queues, of), 'data'));
}

/**
 * Makes of the run that would follow a running one a job of its own, marked: that is the end of the deliveries that joined it.
 * Gives it; `null`: nothing would follow.
 */
export async function endFollower(
  { queues, redis }: CancelHost,
  of: BranchOf,
  decision: Decision,
): Promise<(BuildJob & { readonly job: string }) | null> {
  const key = keyOf(queues, of);
  const found = (await redis.multi().hmget(key, 'jid', 'data').del(key).exec())?.[0]?.[1];
  const [jid, text]: unknown[] = Array.isArray(found) ? found : [];
  const data = parse(text);
  if (data === null) return null;
  const options = { ...cancelledJobOptions(), ...(typeof jid === 'string' ? { jobId: jid } : {}) };
  const job = await queues.build.add('build', { ...data, cancelled: { ...decision, attemptsMade: 0 } }, options);
  return { ...data, job: job.id ?? '' };
}

/** `keepLastIfActive` keeps it there (storeDeduplicatedNextJob.lua of BullMQ 6.7), where the end of the running job would find it. */
function keyOf(queues: CancelHost['queues'], of: BranchOf): string {
  return queues.build.toKey(`dn:${buildJobOptions(of, false).deduplication.id}`);
}

function parse(text: unknown): BuildJob | null {
  return typeof text === 'string' ? (BuildJob.safeParse(JSON.parse(text)).data ?? null) : null;
}
