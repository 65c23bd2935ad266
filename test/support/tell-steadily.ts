import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Acknowledged, judgeDeliveries } from '../chaos/judge-deliveries.ts';
import type { Installation } from './installation.ts';
import { deliveriesOf } from './ledger.ts';
import { until } from './until.ts';

/** Senders who tell of one push again and again, each time as another delivery. */
export interface SteadyTelling extends AsyncDisposable {
  /** Waits until so many more were answered with this status. */
  answered(status: number, howMany: number): Promise<void>;
  /** Stops, and waits until each one that was acknowledged is on record with an end other than that its job was lost. */
  untilEnded(): Promise<void>;
}

/** Starts two of them, who send at most some forty deliveries a second: of jobs that ended, 500 are kept. */
export function tellSteadily(bough: Installation, branch: string, commit: string): SteadyTelling {
  const stopping = new AbortController();
  const answers: (Acknowledged & { readonly status: number })[] = [];
  const senders = Array.from({ length: 2 }, async () => {
    while (!stopping.signal.aborted) {
      const delivery = randomUUID();
      const { status } = await bough.tell(branch, commit, delivery);
      answers.push({ delivery, branch, at: Date.now(), status });
      await sleep(50);
    }
  });
  async function stop(): Promise<void> {
    stopping.abort();
    await Promise.all(senders);
  }
  return {
    async answered(status, howMany) {
      const from = answers.length;
      const isEnough = () => answers.slice(from).filter((answer) => answer.status === status).length >= howMany;
      await until(`${howMany} more deliveries are answered ${status}`, isEnough);
    },
    async untilEnded() {
      await stop();
      const acknowledged = answers.filter(({ status }) => status === 202);
      const isInOrder = () => judgeDeliveries(acknowledged, deliveriesOf(bough), []).length === 0;
      await until('each delivery that was acknowledged has its end', isInOrder, 60_000);
    },
    [Symbol.asyncDispose]: stop,
  };
}
