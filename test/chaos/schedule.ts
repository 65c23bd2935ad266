import { randomOf } from '../support/random.ts';
import { makersOf } from './makers.ts';
import { besidePeople } from './may-meet.ts';

/** What a branch's commit is like: it works, it works after a slow build, its build fails, its process ends at once. */
export type Kind = 'good' | 'slow' | 'broken' | 'crashing';

/** One thing that happens. `told`: whether the forge's webhook arrives, or gets lost on the way. */
export type Action =
  | { readonly do: 'push'; readonly branch: string; readonly kind: Kind; readonly told: boolean }
  | { readonly do: 'rewind' | 'delete' | 'recreate'; readonly branch: string; readonly told: boolean }
  /** The forge sends again what it has sent before, one of all deliveries, under the same id. */
  | { readonly do: 'redeliver'; readonly nth: number }
  | { readonly do: Command; readonly branch: string }
  | { readonly do: 'retry-failed' | 'sweep' }
  | { readonly do: 'break'; readonly what: Fault }
  /** The worker ends itself with SIGKILL when it comes to its next but so many effect; see `worker-points.ts`. */
  | { readonly do: 'kill-worker-at'; readonly point: number }
  | { readonly do: 'harm'; readonly what: Harm; readonly nth: number };

/** What a person asks for on the command line. */
const commands = ['rollback', 'pin', 'unpin', 'suspend', 'resume', 'rotate', 'cancel', 'deploy'] as const;
export type Command = (typeof commands)[number];

/**
 * What is done to the host and to Bough's own services. Each is over when its action is, but for what has to be healed; what
 * lasts for a while meets the forge's next deliveries.
 */
const faults = [
  'kill-worker',
  'freeze-worker',
  'second-worker',
  'restart-worker',
  'block-worker',
  'clock-forward',
  'clock-back',
  'kill-receiver',
  'freeze-receiver',
  'kill-redis',
  'freeze-redis',
  'empty-redis',
  'flush-redis',
  'starve-redis',
  'fill-redis-disk',
  'fill-state-disk',
  'fill-store-disk',
  'restart-nix-daemon',
  'kill-nix-daemon',
  'freeze-nix-daemon',
  'kill-builder',
  'collect-store',
  'restart-caddy',
  'lose-remote',
  'slow-remote',
  'stale-remote',
] as const;
export type Fault = (typeof faults)[number];

/** What is done by hand to a unit of a branch that is not `untouched`: the nth of all there are. */
const harms = ['stop-unit', 'mask-unit', 'kill-app', 'edit-unit', 'delete-unit', 'delete-sockets'] as const;
export type Harm = (typeof harms)[number];

/** An action, and how long after the one before it. */
export interface Event {
  readonly afterMs: number;
  readonly action: Action;
}

/** The branches nobody touches, production and a preview: they must answer all along, from the processes they began with. */
export const untouched = ['main', 'still'] as const;

/** The branches that are changed. */
export const branches = ['feature/a', 'feature-a', 'Feature/A', 'feat'] as const;

/**
 * What happens in a run, a function of its seed alone. Before a fault that would meet nothing comes what it is to meet, and after one
 * that people need not heed often what they ask for.
 */
export function scheduleOf(seed: number, length: number): Event[] {
  const random = randomOf(seed);
  const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];
  const told = (): boolean => random() < 0.8;
  const nth = (): number => Math.floor(random() * 1_000); // counted round and round
  const kinds: readonly [Kind, ...Kind[]] = ['good', 'good', 'good', 'slow', 'slow', 'broken', 'crashing'];

  function action(): Action {
    const dice = random();
    if (dice < 0.35) return { do: 'push', branch: pick(branches), kind: pick(kinds), told: told() };
    if (dice < 0.4) return { do: 'rewind', branch: pick(branches), told: told() };
    if (dice < 0.46) return { do: 'delete', branch: pick(branches), told: told() };
    if (dice < 0.49) return { do: 'recreate', branch: pick(branches), told: told() };
    if (dice < 0.52) return { do: 'redeliver', nth: nth() };
    if (dice < 0.64) return { do: pick(commands), branch: pick(branches) };
    if (dice < 0.68) return { do: pick(['retry-failed', 'sweep'] as const) };
    if (dice < 0.73) return { do: 'kill-worker-at', point: 1 + Math.floor(random() * 200) };
    if (dice < 0.93) return { do: 'break', what: pick(faults) };
    return { do: 'harm', what: pick(harms), nth: nth() };
  }

  const events: Event[] = [];
  const there = new Set<string>(); // branches, as far as the forge knows
  function add(actions: readonly Action[]): void {
    for (const one of actions) {
      if (one.do === 'push' || one.do === 'recreate') there.add(one.branch);
      if (one.do === 'delete') there.delete(one.branch);
      events.push({ afterMs: Math.round(random() ** 2 * 1_200), action: one });
    }
  }

  /** What somebody asks for while a fault lasts, every other time, of a branch there is. */
  function askedDuring(one: Action): Action[] {
    if (one.do !== 'break' || !besidePeople.includes(one.what) || random() < 0.5) return [];
    const asked = pick([...commands, 'retry-failed'] as const);
    if (asked === 'retry-failed') return [{ do: asked }];
    const [first, ...others] = there;
    return first === undefined ? [] : [{ do: asked, branch: pick([first, ...others]) }];
  }

  while (events.length < length) {
    const one = action();
    add([...makersOf(one, pick(branches)), one]);
    add(askedDuring(one));
  }
  return events.slice(0, length);
}

/** An event in one line. */
export function describeEvent({ afterMs, action }: Event): string {
  const { do: what, ...more } = action;
  return [`+${afterMs} ms`, what, ...Object.values(more).map((value) => describeValue(value))].join(' ');
}

function describeValue(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'told' : 'untold') : String(value);
}
