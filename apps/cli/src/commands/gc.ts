import { AppError } from '@bough/core/app-error.ts';
import { JobAccepted } from '@bough/core/control/job-accepted.ts';
import { readableBytes } from '@bough/core/gc/bytes-to-free.ts';
import { describeGcStep } from '@bough/core/gc/plan-gc.ts';
import { askWorker } from '@bough/host/control/ask-worker.ts';
import { createUnitFiles } from '@bough/host/systemd/unit-files.ts';
import type { Cli, Command, Output } from '../command.ts';

/** `bough gc`. */
export const gc: Command = {
  name: 'gc',
  usage: '',
  takes: [0, 0],
  summary: 'remove releases beyond retention, old logs and garbage of the store',
  about: [
    'The worker does so by itself once a day and before a build that has too little room; this asks it to do so after the\nbuild that runs, for which it needs Redis. It stops when gc.highFreeGiB are free. What a release on record needs stays.',
    'With --dry-run it is only looked, here, with the worker or without: what would go is printed with its reason.',
  ],
  options: {
    'dry-run': { meaning: 'change nothing; print what would go, and why' },
    all: { meaning: 'do not stop before the last garbage is gone' },
  },
  run: async (cli, input) => await (input.has('dry-run') ? look(cli, input.has('all')) : ask(cli, input.has('all'))),
};

async function look({ config, layout, store, tools, signal }: Cli, all: boolean): Promise<Output> {
  const { previewGc } = await import('@bough/host/gc/preview-gc.ts');
  const { run, systemd } = await tools();
  const host = {
    layout,
    store,
    systemd,
    run,
    settings: config,
    unitFiles: createUnitFiles(layout),
    now: () => new Date(),
  };
  const { steps, problems, freeBytes, dead } = await previewGc(host, { all, signal });
  const lines = [
    ...steps.map(describeGcStep),
    ...problems.map((problem) => `problem: ${problem}`),
    `${readableBytes(freeBytes)} are free; ${dead.paths} store paths are garbage as it is, ${readableBytes(dead.bytes)}`,
  ];
  return {
    value: { steps, problems, freeBytes, dead },
    text: lines.map((line) => `${line}\n`).join(''),
    failed: problems.length > 0,
  };
}

async function ask({ layout }: Cli, all: boolean): Promise<Output> {
  const answer = await askWorker(layout.control, 'POST /collections', { all }, 10_000);
  if (answer === null)
    throw new AppError('WORKER_UNREACHABLE', 'no worker runs, which would collect; --dry-run looks without one');
  const { job, outcome } = JobAccepted.parse(answer.body);
  return { value: { job, outcome }, text: `asked for a collection: job ${job} (${outcome})\n` };
}
