import type { JobLine, ShownEnd } from './delivery-line.ts';
import { foundBySweep, heals } from './found-by-sweep.ts';
import { ignored, lost, missed, overtaken, refused, unavailable } from './without-job.ts';

/** A line that told of the commit of a build. */
export interface Telling {
  readonly outcome: string;
  readonly reason: string | null;
  /** The job whose end is its end. `null`: none is known, as an earlier Bough noted none of what Redis could not keep. */
  readonly job: string | null;
  readonly ended: ShownEnd | null;
  /** Whether a later line tells that the branch had another head since. */
  readonly isPast: boolean;
}

/** What the end of a build that the sweep asked for says of the lines that told of its commit. */
export interface Settled<T extends Telling> {
  /** Those whose end it is from now on. */
  readonly ends: readonly T[];
  /** Why its push was missed; `null`: a delivery told of it. */
  readonly missed: string | null;
}

/** Outcomes of builds that never came to look at what the push had told of. */
export const neverLooked: readonly string[] = [overtaken, 'superseded', 'gone'];

/**
 * Settles what `line`, the end of a build the sweep asked for, says of the lines that told of its commit. What was told of before is missed where
 * the branch had another head since, and where it is built though it had been built: the branch was deleted and is there again; or
 * though it was not to be: a push before it was missed.
 */
export function settleSwept<T extends Telling>(line: JobLine, tellings: readonly T[]): Settled<T> {
  // Of any other outcome the commit is what the sweep had seen, and the head may have been another by then.
  const isOfHead = ['built', 'unchanged', 'skipped'].includes(line.outcome);
  const current = isOfHead ? tellings.filter(({ isPast }) => !isPast) : tellings;
  const ends = current.filter((each) => isUnhealed(each, line));
  const isTold = ends.length > 0 || current.some((each) => each.job === line.job || !isUsedUp(each, line));
  if (isTold) return { ends, missed: null };
  return { ends, missed: whyMissed(whyUntold(tellings), line) };
}

function whyUntold(tellings: readonly Telling[]): string {
  if (tellings.length === 0) return 'no delivery told of it';
  const isIgnored = tellings.every(({ outcome }) => outcome === ignored);
  return isIgnored ? 'no delivery asked for its build' : 'no delivery told of it again';
}

/** Why a push was missed, as said before, with what `line` made of it. */
export function whyMissed(said: string, line: JobLine): string {
  return `${said.split('; ', 1)[0]}; ${foundBySweep(line)}`;
}

/** The reason of the end that `line` is for what Redis lost or could not keep. */
export function whySwept({ outcome }: Telling, line: JobLine): string {
  const what = heals(line) || line.reason === null ? '' : `: ${line.reason}`;
  return `${outcome === unavailable ? refused : lost}; ${foundBySweep(line)}${what}`;
}

/** Whether a line has no end yet, or one that leaves its push to be healed. What a job of its own came to stands. */
function isUnhealed({ outcome, job, ended }: Telling, line: JobLine): boolean {
  if (job === null) return false;
  if (ended === null || (outcome === missed && job === line.job)) return true;
  if (heals(ended)) return false;
  const isWithoutJob = ended.outcome === overtaken || ended.reason?.startsWith(lost) === true;
  return isWithoutJob || outcome === missed || outcome === unavailable;
}

/** Whether a build is more than its push asked for, as that had been built before or was not to be: another push was missed. */
function isUsedUp({ outcome: told, ended }: Telling, { outcome, began }: JobLine): boolean {
  if (outcome !== 'built') return false;
  return told === ignored || (ended !== null && heals(ended) && ended.at <= began);
}
