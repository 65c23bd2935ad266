import { clockSlackMs } from '../clock-slack.ts';
import type { JobLine, OpenLine } from './delivery-line.ts';
import { foundBySweep } from './found-by-sweep.ts';
import { lost, overtaken, refused } from './without-job.ts';

/** Whether a job, as it ended, looked at what a delivery had told of: it began later, and came to something. `now`: in ms since 1970. */
export function overtakes({ project, branch, isSweep, outcome, began }: JobLine, open: OpenLine, now: number): boolean {
  // What is of a time to come was noted before the clock was put back; what has begun since, by that clock, began later.
  const isLater = began > open.at || (open.at > now + clockSlackMs && began <= now);
  if (outcome === 'failed' || !isLater || (branch === null && !isSweep)) return false;
  return (project ?? open.project) === open.project && (isSweep || branch === open.branch);
}

/** The end of a line without a job, by a job that overtook it: that of the job where both are about one commit. */
export function overtakenBy(line: JobLine, open: OpenLine): JobLine {
  const isSame = isOfCommit(line, open);
  const how =
    isSame && line.bySweep ? foundBySweep(line) : `overtaken by ${line.job} at ${new Date(line.at).toISOString()}`;
  return {
    ...line,
    job: open.job,
    outcome: isSame ? line.outcome : overtaken,
    reason: `${open.isRefused ? refused : lost}; ${how}`,
    bySweep: false,
    madeFor: null,
  };
}

/** Of the jobs that ended, the one that overtook a line: rather one that is about its very commit. */
export function overtakerOf(ended: readonly JobLine[], open: OpenLine, now: number): JobLine | undefined {
  const able = ended.filter((line) => overtakes(line, open, now));
  return able.find((line) => isOfCommit(line, open)) ?? able[0];
}

function isOfCommit(line: JobLine, { commit }: OpenLine): boolean {
  return commit !== null && commit === line.commit;
}
