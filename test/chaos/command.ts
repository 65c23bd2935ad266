import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { bough as commandLine } from '../support/command-line.ts';
import type { Installation } from '../support/installation.ts';
import { pointsReached } from '../support/worker-drop-in.ts';
import type { Done } from './deed.ts';
import type { Forge } from './forge.ts';
import { judgeAnswer } from './judge-answer.ts';
import { judgeRollback } from './judge-rollback.ts';
import type { Command, Fault } from './schedule.ts';

/** Whom a command asks, and who knows what was pushed. */
export interface Asked {
  readonly bough: Pick<Installation, 'layout'>;
  readonly forge: Pick<Forge, 'made'>;
}

/** What `bough` says of it; of several branches, of the one there is. */
interface Answer {
  readonly slug?: string;
  readonly held?: string | null;
  readonly from?: number | null;
  readonly to?: number | null;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Asks for something on the command line, while these faults last. */
export async function command(name: Command, branch: string, asked: Asked, during: readonly Fault[]): Promise<Done> {
  const deaths = (await pointsReached()).length;
  const why = name === 'deploy' ? [] : ['--why', 'chaos'];
  const { code, stdout, stderr } = await commandLine([name, 'demo', branch, '--json', ...why]);
  const answers: Answer | [Answer] = JSON.parse(stdout || '{}');
  const answer = Array.isArray(answers) ? answers[0] : answers;
  const said = `bough ${name} demo ${branch}`;
  if (code === 0) {
    const wrong = name === 'rollback' ? await whyWrong(answer, asked) : null;
    return { ...toDone(answer), ...(wrong === null ? {} : { problem: `${said}: ${wrong}` }) };
  }
  const error = answer.error?.code ?? '';
  if (error === 'WORKER_UNREACHABLE' && (await pointsReached()).length > deaths) return { brokeOff: true };
  const verdict = judgeAnswer(name, error, during);
  if (verdict !== null) return verdict === 'refused' ? { refused: true } : { brokeOff: true };
  const left = await whatUnfitLeaves(name, branch, answer, asked);
  return left ?? { problem: `${said} ended with ${code} (while ${during.join()} lasted): ${stderr}${stdout}` };
}

/** What is done all the same where the process of the release ends at once: a resume counts, a rotation is undone. */
const doneUnfit: Partial<Record<Command, Done>> = { resume: {}, rotate: { refused: true } };

/** Where a command ends with APP_EXITED because that is what was pushed; `null`: it is for another reason. */
async function whatUnfitLeaves(name: Command, branch: string, { error }: Answer, asked: Asked): Promise<Done | null> {
  if (error?.code !== 'APP_EXITED') return null;
  const id = { project: 'demo', slug: slugOf(branch) };
  const named = [...error.message.matchAll(/\brelease (\d+)\b/g)].map(([, seq]) => Number(seq));
  const releases = await createDeploymentStore(asked.bough.layout).readReleases(id);
  const kinds = releases
    .filter(({ seq }) => named.includes(seq))
    .map(({ commit }) => asked.forge.made.get(commit)?.kind);
  return kinds.includes('crashing') ? (doneUnfit[name] ?? null) : null;
}

function toDone({ held, to }: Answer): Done {
  return { ...(held === undefined ? {} : { held }), ...(to === undefined ? {} : { desired: to }) };
}

async function whyWrong({ slug = '', from, to }: Answer, { bough, forge }: Asked): Promise<string | null> {
  if (typeof from !== 'number' || typeof to !== 'number') return `it went from ${from} to ${to}`;
  const releases = await createDeploymentStore(bough.layout).readReleases({ project: 'demo', slug });
  return judgeRollback({ from, to }, releases, forge.made);
}
