import { JobAccepted } from '@bough/core/control/job-accepted.ts';
import { AppError } from '@bough/core/app-error.ts';
import { describeStep } from '@bough/core/reconcile/step.ts';
import { askWorker } from '@bough/host/control/ask-worker.ts';
import type { Cli, Command, Output } from '../command.ts';

/** `bough sweep`. */
export const sweep: Command = {
  name: 'sweep',
  usage: '[PROJECT]',
  takes: [0, 1],
  summary: "compare the forge's refs, the releases and systemd, and heal what differs",
  about: [
    'The worker does so by itself at every interval; this asks it to do so now, for which it needs Redis. With --dry-run it is\nonly looked, here, with the worker or without: every finding and every step is printed with its reason.',
  ],
  options: { 'dry-run': { meaning: 'change nothing; print what would be done, and why' } },
  async run(cli, input) {
    const [project] = input.args;
    if (project !== undefined && cli.config.projects[project] === undefined)
      throw new AppError('PROJECT_UNKNOWN', `no project ${project} is configured`);
    return input.has('dry-run') ? await look(cli, project ?? null) : await ask(cli, project ?? null);
  },
};

async function look(cli: Cli, project: string | null): Promise<Output> {
  const { findings, plans, problems } = await (await import('../dry-sweep.ts')).drySweep(cli, project);
  const lines = [
    ...findings,
    ...plans.flatMap(({ project: of, slug, steps, drift }) => [
      ...steps.map((step) => `${of} ${slug}: ${describeStep(step)}`),
      ...drift.map((each) => `${of} ${slug}: drift: ${each}`),
    ]),
    ...problems.map((problem) => `problem: ${problem}`),
  ];
  const steps = plans.map((each) => ({ ...each, steps: each.steps.map((step) => ({ ...step, text: undefined })) }));
  return {
    value: { findings, plans: steps, problems },
    text: lines.length === 0 ? 'nothing differs\n' : lines.map((line) => `${line}\n`).join(''),
    failed: problems.length > 0,
  };
}

async function ask({ layout }: Cli, project: string | null): Promise<Output> {
  const answer = await askWorker(layout.control, 'POST /sweeps', { project }, 10_000);
  if (answer === null)
    throw new AppError('WORKER_UNREACHABLE', 'no worker runs, which would sweep; --dry-run looks without one');
  const { job, outcome } = JobAccepted.parse(answer.body);
  return { value: { job, outcome }, text: `asked for a sweep: job ${job} (${outcome})\n` };
}
