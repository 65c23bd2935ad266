import { type Deed, isKillOfReceiver } from './deed.ts';

/** A delivery that was not answered with 202, from when to when, in ms since 1970 by the clock of the run. 0: no answer. */
export interface Refused {
  readonly branch: string;
  readonly status: number;
  readonly from: number;
  readonly to: number;
}

/** Redis is given 950 ms. The rest is for a host that is busy: on two cores under a load of 11 it was 1,124 ms in all. */
const promptMs = 2_000;
/** A receiver that was killed is started again after 250 ms, and takes its time where the host is busy. */
const upAgainMs = 10_000;

/** The refusals that are no prompt 503 although the receiver was neither killed nor frozen just then, a sentence each. */
export function judgeRefusals(refused: readonly Refused[], deeds: readonly Deed[]): string[] {
  return refused.flatMap(({ branch, status, from, to }) => {
    if (status === 503 && to - from <= promptMs) return [];
    const isExcused = deeds.some((deed) => isOfReceiver(deed) && deed.from <= to && from <= deed.to + upAgainMs);
    return isExcused && (status === 503 || status === 0)
      ? []
      : [`a delivery of ${branch} was answered with ${status} after ${to - from} ms`];
  });
}

function isOfReceiver(deed: Deed): boolean {
  const { action } = deed;
  return isKillOfReceiver(deed) || (action.do === 'break' && action.what === 'freeze-receiver');
}
