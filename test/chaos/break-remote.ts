import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Repository } from '../support/repository.ts';

const exec = promisify(execFile);

/**
 * Lets the remote be away, answer late, or serve a branch as it was a commit ago, as a lagging replica does. Gives whether
 * there was such a branch.
 */
export async function breakRemote(
  how: 'lose-remote' | 'slow-remote' | 'stale-remote',
  repository: Repository,
  forMs: number,
): Promise<boolean> {
  const { remote } = repository;
  switch (how) {
    case 'lose-remote':
      await rename(remote, `${remote}.lost`);
      await sleep(forMs);
      await rename(`${remote}.lost`, remote);
      return true;
    case 'slow-remote':
      await delayReaders(`${remote}/HEAD`, forMs);
      return true;
    case 'stale-remote': {
      const branch = await branchWithPast(remote);
      if (branch === null) return false;
      const [name, head] = branch;
      await exec('git', ['--git-dir', remote, 'update-ref', name, `${head}~1`]);
      await sleep(forMs);
      await exec('git', ['--git-dir', remote, 'update-ref', name, head]);
      return true;
    }
  }
}

/** Whoever opens the file waits until the time is over, and then reads what it always held. */
async function delayReaders(path: string, forMs: number): Promise<void> {
  const text = await readFile(path);
  await rename(path, `${path}.kept`);
  await exec('mkfifo', [path]);
  await sleep(forMs);
  await rename(path, `${path}.pipe`);
  await rename(`${path}.kept`, path);
  // Both ends, so that opening does not wait for a reader; each gets the whole text and then its end.
  const pipe = await open(`${path}.pipe`, constants.O_RDWR | constants.O_NONBLOCK);
  await pipe.write(Buffer.concat(Array.from({ length: 8 }, () => text)));
  await pipe.close();
  await rm(`${path}.pipe`);
}

/** A branch that is not `main` and has a commit before its head: its ref, and its head. */
async function branchWithPast(remote: string): Promise<[string, string] | null> {
  const format = '--format=%(refname) %(objectname)';
  const { stdout } = await exec('git', ['--git-dir', remote, 'for-each-ref', format, 'refs/heads/']);
  for (const line of stdout.split('\n')) {
    const [name = '', head = ''] = line.split(' ');
    if (name === '' || name === 'refs/heads/main') continue;
    const hasPast = await exec('git', ['--git-dir', remote, 'rev-parse', '--verify', '--quiet', `${head}~1`]).catch(
      () => null,
    );
    if (hasPast !== null) return [name, head];
  }
  return null;
}
