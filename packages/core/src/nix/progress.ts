import { drvName } from './drv-name.ts';
import { activity, type NixRecord, result } from './parse-record.ts';

/** How far Nix has come, for the job's progress in Bull Board. Totals grow while Nix finds out what there is to do. */
export interface Progress {
  readonly phase: 'evaluate' | 'build';
  readonly built: number;
  readonly total: number;
  readonly running: number;
  readonly failed: number;
  readonly fetchedBytes: number;
  readonly expectedBytes: number;
  /** What is built now: the name of a derivation, and its phase where it tells one. */
  readonly current: string | null;
}

/** What `reduceProgress` needs to know besides: the activities under way, by id. */
export interface NixState {
  readonly progress: Progress;
  readonly running: ReadonlyMap<string, RunningActivity>;
}

interface RunningActivity {
  readonly type: number;
  /** The derivation's path, for a build. */
  readonly drv: string;
  readonly phase: string;
  readonly done: number;
  readonly expected: number;
}

/** So many activities at once are followed; Nix has some tens. A builder may tell of any number of downloads. */
const mostTracked = 1_000;

const tracked: ReadonlySet<number> = new Set([activity.fileTransfer, activity.builds, activity.build]);

/** The state before Nix has said anything. */
export function startProgress(phase: Progress['phase']): NixState {
  const nothing = { built: 0, total: 0, running: 0, failed: 0, fetchedBytes: 0, expectedBytes: 0, current: null };
  return { progress: { phase, ...nothing }, running: new Map() };
}

/** The state after one more record. Unknown records change nothing: the same state is returned. */
export function reduceProgress(state: NixState, record: NixRecord): NixState {
  switch (record.action) {
    case 'start': {
      if (!tracked.has(record.type) || state.running.size >= mostTracked) return state;
      const drv = record.type === activity.build ? String(record.fields[0] ?? '') : '';
      return withActivity(state, record.id, { type: record.type, drv, phase: '', done: 0, expected: 0 });
    }
    case 'stop': {
      const stopped = state.running.get(record.id);
      if (stopped === undefined) return state;
      const running = new Map(state.running);
      running.delete(record.id);
      return settle(state.progress, running);
    }
    case 'result': {
      const about = state.running.get(record.id);
      return about === undefined ? state : reduceResult(state, record.id, about, record.type, record.fields);
    }
    case 'msg':
    case 'text':
      return state;
  }
}

function reduceResult(
  state: NixState,
  id: string,
  about: RunningActivity,
  type: number,
  fields: readonly (string | number)[],
): NixState {
  const [done = 0, expected = 0, running = 0, failed = 0] = fields.map(Number);
  if (type === result.setPhase) return withActivity(state, id, { ...about, phase: String(fields[0] ?? '') });
  if (type === result.progress && about.type === activity.builds) {
    return { ...state, progress: { ...state.progress, built: done, total: expected, running, failed } };
  }
  if (type === result.progress && about.type === activity.fileTransfer) {
    const more = Math.max(0, done - about.done);
    const fetchedBytes = state.progress.fetchedBytes + more;
    const expectedBytes = Math.max(fetchedBytes, state.progress.expectedBytes + Math.max(0, expected - about.expected));
    const next = withActivity(state, id, { ...about, done, expected });
    return { ...next, progress: { ...next.progress, fetchedBytes, expectedBytes } };
  }
  return state;
}

function withActivity(state: NixState, id: string, about: RunningActivity): NixState {
  return settle(state.progress, new Map(state.running).set(id, about));
}

/** The newest build still running is what people see as current. */
function settle(progress: Progress, running: ReadonlyMap<string, RunningActivity>): NixState {
  const newest = [...running.values()].findLast((about) => about.type === activity.build);
  const phase = newest === undefined || newest.phase === '' ? '' : ` (${newest.phase})`;
  return {
    progress: { ...progress, current: newest === undefined ? null : `${drvName(newest.drv)}${phase}` },
    running,
  };
}
