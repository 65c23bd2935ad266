import { AppError } from '@bough/core/app-error.ts';
import { BuildRequest } from '@bough/core/control/build-request.ts';
import { JobAccepted } from '@bough/core/control/job-accepted.ts';
import { schemaProblems } from '@bough/core/schema-problems.ts';
import { askWorker } from '@bough/host/control/ask-worker.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** `bough deploy`. */
export const deploy: Command = {
  name: 'deploy',
  usage: 'PROJECT BRANCH',
  takes: [2, 2],
  summary: 'build the head of a branch now, and let it serve',
  about: [
    'As after a push: the worker fetches, builds what differs from what stands, verifies it and switches to it. What failed\nbefore is tried again, what was cancelled is held no longer, and a message that says not to build it is not heeded. It needs\nRedis, where the build waits for its turn.',
    'BRANCH is the name of a branch, which may be new. It is answered once the build is in its queue.',
  ],
  options: {},
  async run({ layout, user }, { args: [project, branch] }) {
    const ask = BuildRequest.safeParse({ project, branch, by: user });
    if (!ask.success) throw new UsageError(schemaProblems(ask.error).join('; '));
    const answer = await askWorker(layout.control, 'POST /builds', ask.data, 10_000);
    if (answer === null) throw new AppError('WORKER_UNREACHABLE', 'no worker runs, which would build');
    const { job, outcome } = JobAccepted.parse(answer.body);
    return { value: { job, outcome }, text: `asked for a build of ${project} ${branch}: job ${job} (${outcome})\n` };
  },
};
