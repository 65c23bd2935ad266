import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { untouched } from './schedule.ts';

const exec = promisify(execFile);

/**
 * Lets the remote be away, answer late, or serve a branch as it was a commit ago, as a lagging replica does. Gives whether
 * somebody met that: a sweep is asked for meanwhile.
 */
export async function breakRemote(
  how: 'lose-remote' | 'slow-remote' | 'stale-remote',
  { repository: { remote }, sweeps }: Installation,
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
      const branch = await branchWithPast(remote);
      if (branch === null) return false;
      const [name, head] = branch;
      await exec('git', ['--git-dir', remote, 'update-ref', name, `${head}~1`]);
      const isMet = await isSweptWithin(sweeps, forMs);
      await exec('git', ['--git-dir', remote, 'update-ref', name, head]);
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

/** A branch somebody changes that has a commit before its head: its ref, and its head. */
async function branchWithPast(remote: string): Promise<[string, string] | null> {
  const format = '--format=%(refname) %(objectname)';
  const { stdout } = await exec('git', ['--git-dir', remote, 'for-each-ref', format, 'refs/heads/']);
  for (const line of stdout.split('\n')) {
    const [name = '', head = ''] = line.split(' ');
    if (name === '' || untouched.some((branch) => name === `refs/heads/${branch}`)) continue;
    const hasPast = await exec('git', ['--git-dir', remote, 'rev-parse', '--verify', '--quiet', `${head}~1`]).catch(
      () => null,
    );
    if (hasPast !== null) return [name, head];
  }
  return null;
}
