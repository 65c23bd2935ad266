import type { ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import type { Acknowledged } from './judge-deliveries.ts';
import { branches, type Event } from './schedule.ts';

/** When all is over each branch is pushed to once more: a Bough that has recovered takes all of it, and builds it. */
export const lastPushes: readonly Event[] = branches.map((branch) => ({
  afterMs: 0,
  action: { do: 'push', branch, kind: 'good', told: true },
}));

/** A sweep between a push and its delivery may have built it by then. */
const ends = ['built', 'unchanged'];

/** The last pushes that were not taken, or came to another end than they should, a sentence each. */
export function judgeLast(taken: readonly Acknowledged[], recorded: readonly ShownDelivery[]): string[] {
  return branches.flatMap((branch) => {
    const delivery = taken.find((one) => one.branch === branch)?.delivery;
    if (delivery === undefined) return [`the last push to ${branch} was refused`];
    const ended = recorded.find((line) => line.delivery === delivery)?.branches[0]?.ended;
    return ends.includes(ended?.outcome ?? '') ? [] : [`the last push to ${branch} came to ${JSON.stringify(ended)}`];
  });
}
