import type { BranchLine } from '@bough/core/ledger/delivery-line.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';
import type { DeliveryProducer } from './take-delivery.ts';

/** A producer that notes for the ledger what it was asked for and what became of it, also where Redis refuses. */
export function noteJobs(producer: DeliveryProducer, notes: BranchLine[]): DeliveryProducer {
  async function note(branch: string | null, commit: string | null, add: Promise<Enqueued>): Promise<Enqueued> {
    try {
      const enqueued = await add;
      const { job, own, outcome } = enqueued;
      notes.push({ branch, commit, job, own, outcome, reason: null });
      return enqueued;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      notes.push({ branch, commit, job: null, own: null, outcome: 'unavailable', reason });
      throw error;
    }
  }
  return {
    enqueueBuild: async (job, options) => await note(job.branch, job.seen ?? null, producer.enqueueBuild(job, options)),
    enqueueSweep: async (job, options) => await note(null, null, producer.enqueueSweep(job, options)),
  };
}
