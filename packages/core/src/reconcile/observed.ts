import type { UnitState } from '../systemd/unit-state.ts';

/** One of our units as found: what systemd says, and what lies on disk. */
export interface ObservedUnit extends UnitState {
  /** The canonical text in `stateDir/units`, or `null` where there is none. */
  readonly text: string | null;
  /** `linked`: the link in `unitDir` leads to the canonical file. `foreign`: something else lies there. */
  readonly link: 'linked' | 'missing' | 'foreign';
  /** A socket that listens, but whose file is gone, so that nobody can connect. */
  readonly isDeaf: boolean;
}

/** A deployment as observed: read afresh each time, never remembered. */
export interface Observed {
  /** Units of this deployment that systemd or the disk knows, by name. */
  readonly units: ReadonlyMap<string, ObservedUnit>;
  /** Sequence number of the release whose socket `web.sock` leads to; `null`: none, or not one of ours. */
  readonly serving: number | null;
  /** Whether `web.sock` exists at all. */
  readonly hasCurrentSocket: boolean;
  /** Whether the folder of the sockets exists. */
  readonly hasSocketFolder: boolean;
  /** Sequence numbers whose GC root leads to a valid store path. */
  readonly roots: ReadonlySet<number>;
}
