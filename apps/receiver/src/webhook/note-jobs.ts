import type { BranchLine } from '@bough/core/ledger/delivery-line.ts';
import { unavailable } from '@bough/core/ledger/without-job.ts';
import type { Asked } from '@bough/core/queue/jobs.ts';
import { ownJobId } from '@bough/host/queue/enqueue.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';
import type { DeliveryProducer } from './take-delivery.ts';

/** What a delivery asks for, in what its line tells. */
interface Told {
  readonly project?: string | undefined;
  readonly branch?: string;
  readonly deleted?: string | undefined;
  readonly seen?: string | undefined;
  readonly asked: Asked;
}

/** A producer that notes for the ledger what it was asked for and what became of it, also where Redis refuses. */
export function noteJobs(producer: DeliveryProducer, notes: BranchLine[]): DeliveryProducer {
  async function note(told: Told, identity: string | undefined, add: Promise<Enqueued>): Promise<Enqueued> {
    const { branch = null, deleted, seen: commit = null } = told;
    try {
      const enqueued = await add;
      const { job, own, outcome } = enqueued;
      notes.push({ branch, deleted, commit, job, own, outcome, reason: null });
      return enqueued;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      notes.push({ branch, deleted, commit, job: null, own: ownOf(told, identity), outcome: unavailable, reason });
      throw error;
    }
  }
  return {
    enqueueBuild: async (job, options) => await note(job, options.identity, producer.enqueueBuild(job, options)),
    enqueueSweep: async (job, { identity, deleted }) =>
      await note({ ...job, deleted }, identity, producer.enqueueSweep(job, { identity })),
  };
}

/** What it would be known by, and is where Redis kept it after the answer. */
function ownOf({ asked, ...about }: Told, identity: string | undefined): string | null {
  return asked.by === 'delivery' ? ownJobId(about, identity ?? asked.delivery) : null;
}
