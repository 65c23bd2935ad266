import type { Project } from '../config/project.ts';
import { renderSpan } from '../manifest/render-span.ts';

/**
 * A preview the limits of its project apply to: its branch is there, it has a release, and it is neither suspended nor
 * expired. Or what was one when the limits put it to sleep or took it down, and is the production branch now, or was judged by
 * a clock that was wrong.
 */
export interface Preview {
  readonly slug: string;
  readonly isProduction: boolean;
  /** Whether a process of it runs; what runs at times does not count. */
  readonly isLive: boolean;
  /** Whether the limits put it to sleep and nothing has told since that it was woken. */
  readonly isAsleep: boolean;
  /** Whether the limits took it down at a time that is still to come: the clock was ahead, and is right again. */
  readonly isDownByClock: boolean;
  /** When it was visited or switched to last. */
  readonly used: Date;
  /** When its branch was pushed to last, as far as Bough saw it, or a person resumed it later than that. */
  readonly pushed: Date;
}

/** One thing the limits ask for. `wake`: a visit has woken it, or no limit keeps it asleep or down, so that it may be live again. */
export interface LimitAct {
  readonly kind: 'sleep' | 'expire' | 'wake';
  readonly slug: string;
  readonly why: string;
}

/**
 * Which previews of a project expire or sleep. First goes what nobody pushed to for the time to live; then, while more are
 * live than may be, the least recently used. The production branch is brought back, and what a wrong clock took down. The
 * order of input does not matter.
 */
export function planLimits(
  all: readonly Preview[],
  { maxLive = Number.POSITIVE_INFINITY, whenFull, ttl }: Pick<Project, 'maxLive' | 'whenFull' | 'ttl'>,
  now: Date,
): LimitAct[] {
  const isTooOld = ({ pushed }: Preview) => ttl !== 'never' && now.getTime() - pushed.getTime() >= ttl * 1000;
  const byClock = all.filter((preview) => !preview.isProduction && preview.isDownByClock && !isTooOld(preview));
  const previews = all.filter(({ isProduction, isDownByClock }) => !isProduction && !isDownByClock);
  const old = previews.filter(isTooOld).toSorted(byName);
  const live = previews.filter((preview) => preview.isLive && !isTooOld(preview)).toSorted(lastUsedFirst);
  const room = whenFull === 'sleep' ? byClock.length : Math.max(maxLive - live.length, 0); // the others would expire in turn
  const woken =
    maxLive === Number.POSITIVE_INFINITY ? previews.filter((preview) => !isTooOld(preview)) : live.slice(0, maxLive);
  return [
    ...old.map(({ slug }) =>
      act('expire', slug, `nothing was pushed to it for ${ttl === 'never' ? '' : renderSpan(ttl)}`),
    ),
    ...live.slice(maxLive).map(({ slug, used }) => act(whenFull, slug, whyFull(live.length, maxLive, used))),
    ...woken
      .filter(({ isAsleep }) => isAsleep)
      .toSorted(byName)
      .map(({ slug, isLive }) =>
        act('wake', slug, isLive ? 'a visit woke it' : 'the project limits live previews no more'),
      ),
    ...byClock
      .toSorted(lastUsedFirst)
      .slice(0, room)
      .map(({ slug }) => act('wake', slug, 'it expired while the clock was ahead')),
    ...all
      .filter(({ isProduction }) => isProduction)
      .map(({ slug }) => act('wake', slug, 'it is the production branch, which no limit is for')),
  ];
}

const act = (kind: LimitAct['kind'], slug: string, why: string): LimitAct => ({ kind, slug, why });

function whyFull(live: number, maxLive: number, used: Date): string {
  return `${live} previews were live where ${maxLive} may be, and it was used least recently, at ${used.toISOString()}`;
}

const byName = (a: Preview, b: Preview) => (a.slug < b.slug ? -1 : 1);
const lastUsedFirst = (a: Preview, b: Preview) => b.used.getTime() - a.used.getTime() || byName(a, b);
