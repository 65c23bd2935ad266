import { isDeepStrictEqual } from 'node:util';
import type { Job, Queue } from 'bullmq';
import type { Logger } from 'pino';
import { askedBy } from './asked-by-person.ts';

/** How many of the newest ended jobs are looked at: what is repeated ended one sweep ago. */
const looked = 100;

/** How a job ended: what it returned, or the reason it failed with. */
export type Ending = { readonly returned: unknown } | { readonly failed: string };

/**
 * Removes the jobs a sweep asked for earlier that were the same and ended the same way. A problem that lasts fails anew
 * with each sweep: the board then shows it once, by its latest run, and it pushes out nothing else that people look for.
 * Nothing here throws.
 */
export async function forgetRepeats(queue: Queue, job: Job, ending: Ending, log: Logger): Promise<void> {
  if (askedBy(job) !== 'sweep') return;
  try {
    const ended = await queue.getJobs(['failed' in ending ? 'failed' : 'completed'], 0, looked - 1);
    const repeated = ended.filter(
      (earlier) =>
        earlier.id !== job.id &&
        earlier.name === job.name &&
        isDeepStrictEqual(earlier.data, job.data) &&
        ('failed' in ending
          ? codeOf(earlier.failedReason) === codeOf(ending.failed)
          : isDeepStrictEqual(earlier.returnvalue, ending.returned)),
    );
    for (const earlier of repeated) await earlier.remove();
  } catch (err) {
    log.debug({ err }, 'what ended the same way before cannot be removed'); // Redis is away, or somebody retries one
  }
}

/** The class of a failure: its message tells seconds and process numbers, which differ. */
function codeOf(reason: string | undefined): string | undefined {
  return /^[A-Z_]+(?=:)/.exec(reason ?? '')?.[0];
}
