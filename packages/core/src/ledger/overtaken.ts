import type { JobLine, OpenLine } from './delivery-line.ts';

/** How the lines of deliveries end whose jobs are lost. */
export const overtaken = 'overtaken';

/** Whether a job, as it ended, looked at what a delivery had told of: it began later, and came to something. */
export function overtakes({ project, branch, isSweep, outcome, began }: JobLine, open: OpenLine): boolean {
  if (outcome === 'failed' || began <= open.at || (branch === null && !isSweep)) return false;
  return (project ?? open.project) === open.project && (isSweep || branch === open.branch);
}

/** The end of a line whose job is lost, by a job that overtook it: that of the job where both are about one commit. */
export function overtakenBy(line: JobLine, { job, commit }: OpenLine): JobLine {
  const isSame = commit !== null && commit === line.commit;
  const reason = `its job was lost; overtaken by ${line.job} at ${new Date(line.at).toISOString()}`;
  return { ...line, job, outcome: isSame ? line.outcome : overtaken, reason, bySweep: false, madeFor: null };
}
