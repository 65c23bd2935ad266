import { cancelMarkOf } from './cancel-mark.ts';
import { BuildJob, OperateJob, ReconcileJob, SweepJob } from './jobs.ts';

/**
 * What a job is called: its name and what it is about, as `build demo feature/x`. Never throws, whatever the job
 * holds: Bull Board would answer 500 instead of showing the other jobs.
 */
export function jobTitle(job: {
  readonly name?: unknown;
  readonly data?: unknown;
  readonly attemptsMade?: unknown;
}): string {
  const name = typeof job.name === 'string' ? job.name : '';
  const build = BuildJob.safeParse(job.data);
  if (build.success) {
    const { project, branch } = build.data;
    const cancelled = cancelMarkOf(build.data, Number(job.attemptsMade ?? 0));
    return `${name} ${project} ${branch}${cancelled === null ? '' : `, cancelled by ${cancelled.by}`}`;
  }
  const operate = OperateJob.safeParse(job.data);
  if (operate.success) {
    const { kind, project, branch, by } = operate.data.operation;
    return `${kind} ${project} ${branch}, asked by ${by}`;
  }
  const reconcile = ReconcileJob.safeParse(job.data);
  if (reconcile.success) return `${name} ${reconcile.data.project} ${reconcile.data.slug}`;
  const sweep = SweepJob.safeParse(job.data);
  return sweep.success ? `${name} ${sweep.data.project ?? 'all projects'}` : name;
}
