/** One delivery whose signature was right, as the ledger keeps it. */
export interface DeliveryLine {
  /** When it was answered, in ms since 1970. */
  readonly at: number;
  readonly project: string;
  readonly forge: string;
  /** The forge's id of it and of its event, as they came; `null` where they were missing. */
  readonly delivery: string | null;
  readonly event: string | null;
  /** The address it came from. */
  readonly source: string;
  /** What it was answered; `null` where the connection ended first. */
  readonly status: number | null;
  readonly outcome: string;
  readonly reason: string | null;
  /** Why it failed on our side. */
  readonly failure: string | null;
  readonly ms: number;
  /** What it asked for: a line for each branch it told of. */
  readonly branches: readonly BranchLine[];
}

/** One branch a delivery told of. */
export interface BranchLine {
  readonly branch: string | null;
  /** The branch it told was deleted: what that leads to is a sweep of the project, a job of no branch. */
  readonly deleted?: string | undefined;
  /** The commit it told of. */
  readonly commit: string | null;
  /**
   * The job that stands for it, and the id of the one that is its own, if it has one. Of what Redis could not keep only the
   * latter is known: it may have been kept after all.
   */
  readonly job: string | null;
  readonly own: string | null;
  readonly outcome: string;
  readonly reason: string | null;
}

/** Requests whose signature was not right: they are only counted, so that nobody can fill the disk. */
export interface RefusalLine {
  /** The latest of them, in ms since 1970. */
  readonly at: number;
  /** As asked for, whether there is such a project or not. */
  readonly project: string;
  readonly source: string;
  readonly status: number | null;
  readonly reason: string;
  readonly count: number;
}

/** What stands for refusals of more kinds than are told apart. */
export const otherRefusals = { project: '', source: 'others', status: null, reason: 'more kinds than are listed' };

/** How a job ended. Times in ms since 1970. */
export interface JobLine {
  readonly job: string;
  /** When its last run began, and when that ended. */
  readonly began: number;
  readonly at: number;
  readonly outcome: string;
  readonly reason: string | null;
  /** What the job was about, where that is a branch. */
  readonly project: string | null;
  readonly branch: string | null;
  readonly commit: string | null;
  /** Whether the sweep asked for it: then a delivery may have been missed. */
  readonly bySweep: boolean;
  /** Whether it is a sweep itself: of the project, or of all where it names none. */
  readonly isSweep: boolean;
  /** The delivery it was made for, when that was, and the commit told of. */
  readonly madeFor: { readonly delivery: string; readonly at: number; readonly commit: string | null } | null;
}

/** What a delivery told of whose end is not on record. */
export interface OpenLine {
  readonly project: string;
  readonly branch: string | null;
  readonly commit: string | null;
  /** When the delivery was answered, in ms since 1970. */
  readonly at: number;
  /** The job whose end would be its end. */
  readonly job: string;
  /** Whether Redis could not keep that job, as far as is known. */
  readonly isRefused: boolean;
  /** The jobs that may still bring its end: while one of them is there, it is not lost. */
  readonly awaited: readonly string[];
  /** The job it joined, which ended superseded: whatever follows that brings its end. `null`: it waits for its own, or for one that goes on. */
  readonly joined: string | null;
}

/** A delivery as it is shown: with what became of its jobs. */
export interface ShownDelivery extends Omit<DeliveryLine, 'branches'> {
  readonly seq: number;
  readonly branches: readonly ShownBranch[];
}

/**
 * A branch of it, deleted or not. `job` is the one whose end counts; there is none for what Redis could not keep, whose end
 * says what was done.
 */
export interface ShownBranch extends Omit<BranchLine, 'own' | 'deleted'> {
  readonly ended: ShownEnd | null;
}

/** The end of a job, in what is shown. */
export interface ShownEnd {
  readonly at: number;
  readonly outcome: string;
  readonly reason: string | null;
}

/** Which deliveries are asked for. Texts match exactly, `outcome` that of the answer or of a job. */
export interface LedgerQuery {
  readonly project?: string | undefined;
  readonly branch?: string | undefined;
  readonly outcome?: string | undefined;
  /** Only those before this `seq`: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
}
