import { AppError, describeError } from '@bough/core/app-error.ts';
import { Progress } from '@bough/core/progress/progress.ts';
import { renderMetrics } from '@bough/core/progress/render-metrics.ts';
import { askWorker } from '@bough/host/control/ask-worker.ts';
import type { Command, Output } from '../command.ts';

const answersWithinMs = 5_000;

/** `bough metrics`. */
export const metrics: Command = {
  name: 'metrics',
  usage: '',
  takes: [0, 0],
  summary: 'print the progress of the worker as gauges of Prometheus',
  about: [
    'The age of the oldest deployment that waits, of what the worker is at, and of the last sweep of the project that was\nlooked at wholly the longest ago. For the textfile collector of the node exporter: let a timer write it to a file, and rename that.',
    'Without a worker, and with one that does not answer within 5 s, it says bough_worker_up 0 and ends well, so that the file is\nrenamed. With --json it names every action with its deadline.',
  ],
  options: {},
  async run({ layout }) {
    try {
      const answer = await askWorker(layout.control, 'GET /progress', null, answersWithinMs);
      return outputOf(answer === null ? null : Progress.parse(answer.body));
    } catch (error) {
      if (!isSilent(error)) throw error;
      return { ...outputOf(null), warning: describeError(error) };
    }
  },
};

function outputOf(progress: Progress | null): Output {
  return { value: progress, text: renderMetrics(progress) };
}

/** Whether there is a worker that answers late or not to the end. One whose socket is refused to who asks may be well. */
function isSilent(error: unknown): boolean {
  if (!(error instanceof AppError) || error.code !== 'WORKER_UNREACHABLE') return false;
  const { cause } = error;
  return !(cause instanceof Error && 'code' in cause && /^(EACCES|EPERM)$/.test(String(cause.code)));
}
