import { Progress } from '@bough/core/progress/progress.ts';
import { renderMetrics } from '@bough/core/progress/render-metrics.ts';
import { askWorker } from '@bough/host/control/ask-worker.ts';
import type { Command } from '../command.ts';

/** `bough metrics`. */
export const metrics: Command = {
  name: 'metrics',
  usage: '',
  takes: [0, 0],
  summary: 'print the progress of the worker as gauges of Prometheus',
  about: [
    'The age of the oldest deployment that waits, of what the worker is at, and of the last sweep of the project that was\nlooked at wholly the longest ago. For the textfile collector of the node exporter: let a timer write it to a file, and rename that.',
    'Without a worker it says bough_worker_up 0. With --json it names every action with its deadline.',
  ],
  options: {},
  async run({ layout }) {
    const answer = await askWorker(layout.control, 'GET /progress', null, 5_000);
    const progress = answer === null ? null : Progress.parse(answer.body);
    return { value: progress, text: renderMetrics(progress) };
  },
};
