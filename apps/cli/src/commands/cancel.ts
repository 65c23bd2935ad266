import { AppError } from '@bough/core/app-error.ts';
import { CancelResult } from '@bough/core/control/operation.ts';
import { describeCancel } from '@bough/core/operate/describe-cancel.ts';
import { askWorker } from '@bough/host/control/ask-worker.ts';
import type { Command } from '../command.ts';
import { operationOptions } from './operation.ts';

/** Longer than a build whose processes have to be killed takes to end, and than a forge takes to answer. */
const answerMs = 180_000;

/** `bough cancel`. */
export const cancel: Command = {
  name: 'cancel',
  usage: 'PROJECT BRANCH',
  takes: [2, 2],
  summary: 'stop what is built of a branch, or waits to be',
  about: [
    'The job ends as cancelled, which is neither a success nor a failure. What serves goes on. It is answered once all processes\nof the build are gone. The worker does it, and needs Redis for it.',
    'The commit is held: no sweep and no further delivery of it builds it, until another commit comes, or `bough deploy`, or a\nretry in the board.',
  ],
  options: operationOptions,
  async run({ layout, user }, input) {
    const [project, branch] = input.args;
    const ask = { kind: 'cancel', project, branch, by: user, why: input.text('why') ?? '' };
    const answer = await askWorker(layout.control, 'POST /cancellations', ask, answerMs);
    if (answer === null)
      throw new AppError('WORKER_UNREACHABLE', 'no worker runs, so nothing is being built; what waits cannot be ended');
    const result = CancelResult.parse(answer.body);
    return { value: result, text: `${describeCancel(result)}\n` };
  },
};
