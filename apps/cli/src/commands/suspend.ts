import { AppError } from '@bough/core/app-error.ts';
import type { ProjectOperation } from '@bough/core/control/project-operation.ts';
import { describeProjectResult } from '@bough/core/operate/describe-project-result.ts';
import type { Cli, Command, Input, Output } from '../command.ts';
import { operateProjectAnywhere } from '../operate-anywhere.ts';
import { UsageError } from '../usage-error.ts';
import { operationOptions, renderResults, runOperation, runOperations } from './operation.ts';

const options = {
  all: { meaning: 'every branch of the project, also those it gets later, in place of BRANCH' },
  ...operationOptions,
};

/** `bough suspend`. */
export const suspend: Command = {
  name: 'suspend',
  usage: 'PROJECT BRANCH | PROJECT --all',
  takes: [1, 2],
  summary: 'stop everything of a branch and keep it stopped',
  about: [
    'Pushes are still built and recorded, and not started until `bough resume`. What the app stored stays.',
    'With --all the project is suspended: so is each branch that is pushed for the first time, until `bough resume PROJECT --all`.\nA single branch of it can be resumed all the same.',
  ],
  options,
  run: (cli, input) => onOneOrAll(cli, input, 'suspend'),
};

/** `bough resume`. */
export const resume: Command = {
  name: 'resume',
  usage: 'PROJECT BRANCH | PROJECT --all',
  takes: [1, 2],
  summary: 'start a suspended or expired branch again',
  about: [
    'The release that is desired by now is started, verified and serves. Its time to live counts anew.',
    'With --all each branch of the project is resumed, whoever suspended it, and new branches are started again.',
  ],
  options,
  run: (cli, input) => onOneOrAll(cli, input, 'resume'),
};

async function onOneOrAll(cli: Cli, input: Input, kind: ProjectOperation['kind']): Promise<Output> {
  const [project = '', branch] = input.args;
  if (input.has('all') === (branch !== undefined))
    throw new UsageError(`either a BRANCH or --all is needed to ${kind}`);
  return branch === undefined ? await onAll(cli, input, kind, project) : await runOperation(cli, input, { kind });
}

/** The project first: a branch that appears meanwhile goes by that. */
async function onAll(cli: Cli, input: Input, kind: ProjectOperation['kind'], project: string): Promise<Output> {
  const isKnown = cli.config.projects[project] !== undefined || (await branchesOf(cli, project)).length > 0;
  if (!isKnown) throw new AppError('DEPLOYMENT_UNKNOWN', `${project} is not configured, and nothing is recorded of it`);
  const whole = await operateProjectAnywhere(cli, { kind, project, by: cli.user, why: input.text('why') ?? '' });
  const branches = await runOperations(cli, input, kind, project, await branchesOf(cli, project));
  return { value: { project: whole, branches }, text: `${describeProjectResult(whole)}\n${renderResults(branches)}` };
}

/** The slugs of the branches a project has; one that is being taken down is none. */
async function branchesOf({ store }: Cli, project: string): Promise<string[]> {
  const slugs: string[] = [];
  for (const id of await store.list()) {
    if (id.project === project && (await store.read(id))?.present === true) slugs.push(id.slug);
  }
  return slugs;
}
