import { type Queue, WaitingError } from 'bullmq';
import { consumeJob, type JobHost, type JobKind } from './consume-job.ts';
import { forgetRepeats } from './forget-repeats.ts';

/** `consumeJob` for what sweeps ask for over and over: of the jobs that end alike the latest stays. */
export async function consumeRepeated<Data, Outcome>(
  kind: JobKind<Data, Outcome>,
  host: JobHost,
  queue: Queue,
): Promise<Outcome> {
  try {
    const returned = await consumeJob(kind, host);
    await forgetRepeats(queue, host.job, { returned }, host.log);
    return returned;
  } catch (error) {
    if (error instanceof Error && !(error instanceof WaitingError))
      await forgetRepeats(queue, host.job, { failed: error.message }, host.log);
    throw error;
  }
}
