import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { untouched } from './schedule.ts';

const exec = promisify(execFile);

/**
 * Lets the remote be away, answer late, or serve what it was with a branch a commit further back, as a lagging replica does.
 * Gives whether somebody met that: a sweep is asked for meanwhile.
 */
export async function breakRemote(
  how: 'lose-remote' | 'slow-remote' | 'stale-remote',
  {
    repository: { remote },
    sweeps,
  }: { readonly repository: { readonly remote: string } } & Pick<Installation, 'sweeps'>,
  forMs: number,
): Promise<boolean> {
  switch (how) {
    case 'lose-remote': {
      await rename(remote, `${remote}.lost`);
      const isMet = await isSweptWithin(sweeps, forMs);
      await rename(`${remote}.lost`, remote);
      return isMet;
    }
    case 'slow-remote':
      return await delayReaders(`${remote}/HEAD`, async () => await isSweptWithin(sweeps, forMs));
    case 'stale-remote': {
      const refs = await refsWithPast(remote);
      if (refs === null) return false;
      for (const [name, commit] of refs) {
        await mkdir(dirname(`${remote}/refs.stale/${name}`), { recursive: true });
        await writeFile(`${remote}/refs.stale/${name}`, `${commit}\n`);
      }
      await rename(`${remote}/refs`, `${remote}/refs.kept`);
      await rename(`${remote}/refs.stale`, `${remote}/refs`);
      const isMet = await isSweptWithin(sweeps, forMs);
      await rename(`${remote}/refs`, `${remote}/refs.stale`);
      await rename(`${remote}/refs.kept`, `${remote}/refs`);
      await rm(`${remote}/refs.stale`, { recursive: true });
      return isMet;
    }
  }
}

/** Asks for a sweep and waits for as long from when it begins. Gives whether it came to its end in that time. */
async function isSweptWithin(sweeps: Installation['sweeps'], forMs: number): Promise<boolean> {
  const job = await sweeps.add('sweep', { asked: { by: 'person' } }).catch(() => null); // a Redis that is starting may refuse
  const stateOf = async () => await job?.getState().catch(() => 'unknown');
  const hasBegun = async () => ['active', 'completed', 'failed', undefined].includes(await stateOf());
  await until('the sweep begins', hasBegun, 5_000).catch(() => undefined); // no worker may run
  await sleep(forMs);
  return ['completed', 'failed'].includes((await stateOf()) ?? '');
}

/** Whoever opens the file waits until `work` is done, and then reads what it always held. Gives whether somebody waits by then. */
async function delayReaders(path: string, work: () => Promise<unknown>): Promise<boolean> {
  const text = await readFile(path);
  await rename(path, `${path}.kept`);
  await exec('mkfifo', [path]);
  await work();
  await rename(path, `${path}.pipe`);
  await rename(`${path}.kept`, path);
  const pipe = await open(`${path}.pipe`, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => null); // nobody reads
  await pipe?.write(Buffer.concat(Array.from({ length: 8 }, () => text))); // each gets the whole text and then its end
  await pipe?.close();
  await rm(`${path}.pipe`);
  return pipe !== null;
}

/** All commits by their names below `refs`, where one branch somebody changes is at the commit before its head; `null`: none has one. */
async function refsWithPast(remote: string): Promise<Map<string, string> | null> {
  const git = async (...words: string[]) => (await exec('git', ['--git-dir', remote, ...words])).stdout.trim();
  const lines = (await git('for-each-ref', '--format=%(refname:lstrip=1) %(objectname)')).split('\n');
  const refs = new Map(lines.map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
  for (const [name, head] of refs) {
    if (untouched.some((branch) => name === `heads/${branch}`)) continue;
    const past = await git('rev-parse', '--verify', '--quiet', `${head}~1`).catch(() => null);
    if (past !== null) return refs.set(name, past);
  }
  return null;
}
