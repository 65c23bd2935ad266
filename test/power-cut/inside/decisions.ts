import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { OperationResult } from '@bough/core/control/operation.ts';
import type { Layout } from '@bough/core/layout.ts';
import { readNotes } from '@bough/host/operate/note.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';

/** The branch people decide over; what is pushed to it never changes. */
export const decided = 'decided';

/** What the command line answered a person. */
export type Answer = Pick<OperationResult, 'kind' | 'to' | 'pinned' | 'suspended'>;

// On a disk whose power is not cut.
const answersFile = '/srv/bough-test/answers';
const mainFile = '/srv/bough-test/releases-of-main';

export async function noteAnswer({ kind, to, pinned, suspended }: Answer): Promise<void> {
  await appendFile(answersFile, `${JSON.stringify({ kind, to, pinned, suspended })}\n`);
}

/** All that were noted. */
export async function readAnswers(): Promise<Answer[]> {
  const text = await readFile(answersFile, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Answer => JSON.parse(line));
}

/** What there is of `main`, which nobody changes any more. */
export async function noteMain(layout: Layout): Promise<void> {
  await writeFile(mainFile, JSON.stringify(await readMain(layout)));
}

async function readMain(layout: Layout): Promise<unknown> {
  return await createDeploymentStore(layout).readReleases({ project: 'demo', slug: 'main' });
}

/** What the host has forgotten of a decision it answered, or of the releases of `main`. */
export async function findForgotten(layout: Layout): Promise<string[]> {
  const id = { project: 'demo', slug: decided };
  const answers = await readAnswers();
  const { desired, pinned, suspended } = (await createDeploymentStore(layout).read(id)) ?? {};
  const [main, mainThen] = [await readMain(layout), JSON.parse(await readFile(mainFile, 'utf8'))];
  const kinds = (await readNotes(layout, id)).map(({ kind }) => kind);
  const told = answers.map(({ kind }) => kind);
  return [
    ...differ(`the record of ${decided}`, { desired, pinned, suspended }, recordOf(answers.at(-1))),
    ...differ(`who decided over ${decided}`, kinds, told),
    ...differ('the releases of main', main, mainThen),
  ];
}

/** What is on record after that answer; before the first, of a branch that was pushed once. */
function recordOf({ to, pinned, suspended }: Answer = { kind: 'unpin', to: 1, pinned: null, suspended: null }) {
  return { desired: to, pinned, suspended };
}

function differ(what: string, is: unknown, should: unknown): string[] {
  return isDeepStrictEqual(is, should) ? [] : [`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`];
}
