import { AppError } from '@bough/core/app-error.ts';
import { type ControlFailure, toControlFailure } from '@bough/core/control/control-failure.ts';
import type { OperationResult } from '@bough/core/control/operation.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { describeResult } from '@bough/core/operate/describe-result.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import type { Cli, Command, Input, Output } from '../command.ts';
import { operateAnywhere } from '../operate-anywhere.ts';
import { renderTable } from '../render-table.ts';
import { ask, operationOptions } from './operation.ts';

/** `bough rotate`. */
export const rotate: Command = {
  name: 'rotate',
  usage: 'PROJECT [BRANCH]',
  takes: [1, 2],
  summary: 'start anew what uses a credential whose file has a new content',
  about: [
    'Replace the file first. Each live branch that gets the credential gets a new release of the output it has: it starts beside\nthe old one, reads the new content, is verified, and takes over without losing a request. One that does not come up\nleaves the old one serving.',
    'What is asleep or suspended is left as it is: it reads the new content when it starts. One branch comes after the other;\nif one fails the others are still done, and the exit code is 1.',
  ],
  options: {
    credential: { value: 'NAME', meaning: 'only branches that get this credential; any credential without it' },
    ...operationOptions,
  },
  async run(cli, input) {
    const rows: Row[] = [];
    for (const id of await deploymentsOf(cli, input)) rows.push(await rotateOne(cli, input, id));
    return outputOf(rows);
  },
};

type Row = OperationResult | (DeploymentId & { readonly rotated: 'failed'; readonly error: ControlFailure });

async function deploymentsOf({ store }: Cli, { args: [project = '', branch] }: Input): Promise<DeploymentId[]> {
  if (branch !== undefined) return [await findDeployment(store, project, branch)];
  const found = (await store.list()).filter((id) => id.project === project);
  if (found.length === 0) throw new AppError('DEPLOYMENT_UNKNOWN', `nothing is recorded of ${project}`);
  return found;
}

async function rotateOne(cli: Cli, input: Input, { project, slug }: DeploymentId): Promise<Row> {
  const operation = { kind: 'rotate', project, branch: slug, credential: input.text('credential') ?? null };
  try {
    const { result, finished } = await operateAnywhere(cli, ask(cli, input, operation));
    await finished;
    return result;
  } catch (error) {
    // What is no fault of this one branch would meet every other as well.
    if (!(error instanceof AppError) || !error.code.startsWith('APP_')) throw error;
    return { project, slug, rotated: 'failed', error: toControlFailure(error) };
  }
}

function outputOf(rows: readonly Row[]): Output {
  const table = rows.map((row) =>
    'error' in row
      ? [row.slug, 'failed', '–', `${row.error.code}: ${row.error.message}`]
      : [row.branch, row.rotated ?? '–', row.to === null ? '–' : String(row.to), describeResult(row)],
  );
  return {
    value: rows,
    text: renderTable(['branch', 'rotated', 'release', ''], table),
    failed: rows.some((row) => row.rotated === 'failed'),
  };
}
