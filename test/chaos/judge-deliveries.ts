import { errorTable } from '@bough/core/error-table.ts';
import type { ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { type Deed, isEmptying, isKillOfReceiver } from './deed.ts';

/** A delivery that was answered with 202; when that answer came, in ms since 1970 by the clock of the run. */
export interface Acknowledged {
  readonly delivery: string;
  readonly branch: string;
  readonly at: number;
}

/** A line reaches the ledger a little after its answer. With a lot to do it takes longer. */
const writtenWithinMs = 2_000;

const ends = ['built', 'unchanged', 'superseded', 'cancelled', 'skipped', 'gone', 'done', 'failed'];

/**
 * What is wrong with what the ledger says of the deliveries that were acknowledged, a sentence each. Each has to be on
 * record with the end of its job. That its job was lost is an end only where Redis was emptied after the answer; of one that was
 * sent again, and whose lines are not as many as its answers, as often as that was so. One that is not on record at all is
 * excused only where the receiver was killed just then, and Redis emptied after that.
 */
export function judgeDeliveries(
  acknowledged: readonly Acknowledged[],
  recorded: readonly ShownDelivery[],
  deeds: readonly Deed[],
): string[] {
  return [...Map.groupBy(acknowledged, ({ delivery }) => delivery)].flatMap(([delivery, answers]) => {
    const lines = recorded
      .filter((line) => line.delivery === delivery && line.status !== 503) // sent again, it may be refused
      .toSorted((a, b) => a.seq - b.seq)
      .flatMap(({ branches }) => branches);
    const name = `the delivery ${delivery} of ${answers[0]?.branch}`;
    const isEmptied = ({ at }: Acknowledged) => deeds.some((deed) => isEmptying(deed) && deed.to >= at);
    const isUnwritten = ({ at }: Acknowledged) =>
      deeds.some((deed) => isKillOfReceiver(deed) && deed.to >= at && deed.from <= at + writtenWithinMs);
    if (lines.length === 0)
      return answers.every((answer) => isUnwritten(answer) && isEmptied(answer)) ? [] : [`${name} is not on record`];
    const isPaired = lines.length === answers.length; // each answer has its line
    let mayBeLost = answers.filter(isEmptied).length;
    return lines.flatMap(({ ended, job }, nth) => {
      const answer = isPaired ? answers[nth] : undefined;
      const isExcused = () => (answer === undefined ? mayBeLost-- > 0 : isEmptied(answer));
      const problem = ended === null ? 'has no end' : judgeEnd(ended.outcome, ended.reason ?? '', isExcused);
      return problem === null ? [] : [`${name}, job ${job}, ${problem}`];
    });
  });
}

function judgeEnd(outcome: string, reason: string, mayBeLost: () => boolean): string | null {
  const end = `${outcome}: ${reason}`;
  if (reason.startsWith('its job was lost')) return mayBeLost() ? null : `ended so although nothing was lost: ${end}`;
  if (!ends.includes(outcome)) return `has an end nobody knows: ${end}`;
  if (outcome !== 'failed') return null;
  const code = /^[A-Z_]+(?=: )/.exec(reason)?.[0] ?? '';
  return Object.hasOwn(errorTable, code) ? null : `failed with no code: ${end}`;
}
