import * as z from 'zod';
import { BuildJob, SweepJob } from '../queue/jobs.ts';
import { plainText } from '../text/plain-text.ts';
import type { JobLine } from './delivery-line.ts';

const text = z.string().optional().catch(undefined);
const Returned = z.looseObject({ outcome: text, reason: text, by: text, held: text, commit: text }).catch({});

/** A finished job, as BullMQ knows it. */
export interface FinishedJob {
  readonly id: string;
  readonly data: unknown;
  /** When it was added, when its last run began, and when that ended, in ms since 1970. */
  readonly timestamp: number;
  readonly processedOn: number | null;
  readonly finishedOn: number;
  /** What the processor returned, or why it failed. */
  readonly returned: unknown;
  readonly failedReason: string | null;
}

/** How a job ended, in a line. Reads whatever it is given: a job may have been added by something else than Bough. */
export function jobEnd({ id, data, timestamp, processedOn, finishedOn, returned, failedReason }: FinishedJob): JobLine {
  const build = BuildJob.safeParse(data).data;
  const sweep = SweepJob.safeParse(data).data;
  const asked = build?.asked ?? sweep?.asked;
  const value = Returned.parse(returned);
  return {
    job: id,
    began: processedOn ?? finishedOn,
    at: finishedOn,
    outcome: failedReason !== null ? 'failed' : (value.outcome ?? 'done'),
    reason:
      failedReason !== null ? firstLine(failedReason) : (value.reason ?? supersededBy(value.by) ?? value.held ?? null),
    project: build?.project ?? sweep?.project ?? null,
    branch: build?.branch ?? null,
    commit: value.commit ?? build?.seen ?? null,
    bySweep: build?.asked.by === 'sweep',
    isSweep: sweep !== undefined,
    madeFor: asked?.by === 'delivery' ? { delivery: asked.delivery, at: timestamp, commit: build?.seen ?? null } : null,
  };
}

function supersededBy(commit: string | undefined): string | null {
  return commit === undefined ? null : `replaced by ${commit.slice(0, 12)}`;
}

/** Of a failure with its causes and the last lines of its log. */
function firstLine(reason: string): string {
  return plainText(reason.split('\n', 1)[0] ?? '').slice(0, 500);
}
