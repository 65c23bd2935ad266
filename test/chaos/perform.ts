import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { bough as commandLine } from '../support/command-line.ts';
import type { Installation } from '../support/installation.ts';
import { killWorkerAt, pointsReached } from '../support/worker-drop-in.ts';
import { breakPart, type Parts } from './break-part.ts';
import type { Done } from './deed.ts';
import type { Forge } from './forge.ts';
import { harm } from './harm.ts';
import { judgeRollback } from './judge-rollback.ts';
import type { Action, Command } from './schedule.ts';

/** What actions work on. */
export interface Stage extends Parts {
  readonly forge: Forge;
}

/** Lets one thing happen. It resolves when it has happened, not when it is healed. */
export async function perform(action: Action, stage: Stage): Promise<Done> {
  const { bough, forge } = stage;
  switch (action.do) {
    case 'push':
      await forge.push(action.branch, action.kind, action.told);
      return {};
    case 'rewind':
      await forge.rewind(action.branch, action.told);
      return {};
    case 'delete':
      await forge.remove(action.branch, action.told);
      return {};
    case 'recreate':
      await forge.remove(action.branch, action.told);
      await forge.push(action.branch, 'good', action.told);
      return {};
    case 'redeliver':
      await forge.redeliver(action.nth);
      return {};
    case 'kill-worker-at':
      await killWorkerAt(action.point);
      return {};
    case 'retry-failed':
      return { retried: await retryFailed(bough) };
    case 'sweep':
      await bough.sweeps.add('sweep', { asked: { by: 'person' } });
      return {};
    case 'break':
      return (await breakPart(action.what, stage)) ? {} : { missed: true };
    case 'harm':
      return await harm(action.what, action.nth);
    case 'rollback':
    case 'pin':
    case 'unpin':
    case 'suspend':
    case 'resume':
    case 'rotate':
    case 'cancel':
    case 'deploy':
      return await command(action.do, action.branch, stage);
  }
}

/** Gives the branches of those that it was who retried. */
async function retryFailed({ builds }: Installation): Promise<string[]> {
  const retried: string[] = [];
  for (const job of await builds.getFailed(0, 5)) {
    await job.retry().then(
      () => retried.push(job.data.branch),
      () => undefined, // somebody else did
    );
  }
  return retried;
}

/** There may be no such branch, nothing to go back to, nothing that is built. */
const usual = ['DEPLOYMENT_UNKNOWN', 'OPERATION_REFUSED'];
/** What is asked of the queues needs the worker and Redis, which may be starting. */
const refusals: Partial<Record<Command, readonly string[]>> = {
  cancel: [...usual, 'WORKER_UNREACHABLE', 'QUEUE_UNAVAILABLE'],
  deploy: [...usual, 'WORKER_UNREACHABLE', 'QUEUE_UNAVAILABLE'],
};

/** What `bough` says of it; of several branches, of the one there is. */
interface Answer {
  readonly slug?: string;
  readonly held?: string | null;
  readonly from?: number | null;
  readonly to?: number | null;
  readonly error?: { readonly code: string; readonly message: string };
}

async function command(name: Command, branch: string, stage: Stage): Promise<Done> {
  const deaths = (await pointsReached()).length;
  const why = name === 'deploy' ? [] : ['--why', 'chaos'];
  const { code, stdout, stderr } = await commandLine([name, 'demo', branch, '--json', ...why]);
  const answers: Answer | [Answer] = JSON.parse(stdout || '{}');
  const answer = Array.isArray(answers) ? answers[0] : answers;
  const said = `bough ${name} demo ${branch}`;
  if (code === 0) {
    const wrong = name === 'rollback' ? await whyWrong(answer, stage) : null;
    return { ...toDone(answer), ...(wrong === null ? {} : { problem: `${said}: ${wrong}` }) };
  }
  const refusal = answer.error?.code ?? '';
  if (refusal === 'WORKER_UNREACHABLE' && (await pointsReached()).length > deaths) return { brokeOff: true };
  if ((refusals[name] ?? usual).includes(refusal)) return { refused: true };
  const left = await whatUnfitLeaves(name, branch, answer, stage);
  return left ?? { problem: `${said} ended with ${code}: ${stderr}${stdout}` };
}

/** What is done all the same where the process of the release ends at once: a resume counts, a rotation is undone. */
const doneUnfit: Partial<Record<Command, Done>> = { resume: {}, rotate: { refused: true } };

/** Where a command ends with APP_EXITED because that is what was pushed; `null`: it is for another reason. */
async function whatUnfitLeaves(name: Command, branch: string, { error }: Answer, stage: Stage): Promise<Done | null> {
  if (error?.code !== 'APP_EXITED') return null;
  const id = { project: 'demo', slug: slugOf(branch) };
  const named = [...error.message.matchAll(/\brelease (\d+)\b/g)].map(([, seq]) => Number(seq));
  const releases = await createDeploymentStore(stage.bough.layout).readReleases(id);
  const kinds = releases
    .filter(({ seq }) => named.includes(seq))
    .map(({ commit }) => stage.forge.made.get(commit)?.kind);
  return kinds.includes('crashing') ? (doneUnfit[name] ?? null) : null;
}

function toDone({ held, to }: Answer): Done {
  return { ...(held === undefined ? {} : { held }), ...(to === undefined ? {} : { desired: to }) };
}

async function whyWrong({ slug = '', from, to }: Answer, { bough, forge }: Stage): Promise<string | null> {
  if (typeof from !== 'number' || typeof to !== 'number') return `it went from ${from} to ${to}`;
  const releases = await createDeploymentStore(bough.layout).readReleases({ project: 'demo', slug });
  return judgeRollback({ from, to }, releases, forge.made);
}
