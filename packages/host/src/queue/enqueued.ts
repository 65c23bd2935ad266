/** What became of a request for a job. */
export interface Enqueued {
  /** The id of the job that stands for it. */
  readonly job: string;
  /** The id its own job has, if it has one: what follows a running job that took it in has it. */
  readonly own: string;
  /**
   * `queued`: a new job. `joined`: an earlier job of the same branch stands for it, and if that one already runs, one
   * more run follows it. `repeated`: the same delivery led to this job before. `retried`: so it did, and as the job had
   * failed it waits again.
   */
  readonly outcome: 'queued' | 'joined' | 'repeated' | 'retried';
}
