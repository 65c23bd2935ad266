import type { Operation } from '@bough/core/control/operation.ts';
import { AppError } from '@bough/core/app-error.ts';
import type { Cli, Command, Input, Output } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { operationOptions, runOperation, runOperations } from './operation.ts';

const options = {
  all: { meaning: 'every branch the project has now, in place of BRANCH' },
  ...operationOptions,
};

/** `bough suspend`. */
export const suspend: Command = {
  name: 'suspend',
  usage: 'PROJECT BRANCH | PROJECT --all',
  takes: [1, 2],
  summary: 'stop everything of a branch and keep it stopped',
  about: ['Pushes are still built and recorded, and not started until `bough resume`. What the app stored stays.'],
  options,
  run: (cli, input) => onOneOrAll(cli, input, 'suspend'),
};

/** `bough resume`. */
export const resume: Command = {
  name: 'resume',
  usage: 'PROJECT BRANCH | PROJECT --all',
  takes: [1, 2],
  summary: 'start a suspended or expired branch again',
  about: ['The release that is desired by now is started, verified and serves. Its time to live counts anew.'],
  options,
  run: (cli, input) => onOneOrAll(cli, input, 'resume'),
};

async function onOneOrAll(cli: Cli, input: Input, kind: Operation['kind']): Promise<Output> {
  const [project = '', branch] = input.args;
  if (input.has('all') === (branch !== undefined))
    throw new UsageError(`either a BRANCH or --all is needed to ${kind}`);
  if (branch !== undefined) return await runOperation(cli, input, { kind });
  const slugs = (await cli.store.list()).filter((id) => id.project === project).map(({ slug }) => slug);
  if (slugs.length === 0) throw new AppError('DEPLOYMENT_UNKNOWN', `nothing is recorded of ${project}`);
  return await runOperations(cli, input, kind, project, slugs);
}
