import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** A bare repository as a forge would have it, and a clone to commit in. */
export type Repository = Awaited<ReturnType<typeof createRepository>>;

/** Makes the repository `demo.git` and its clone below `folder`. */
export async function createRepository(folder: string) {
  const repository = openRepository(folder);
  await mkdir(folder, { recursive: true });
  await exec('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository.remote]);
  await exec('git', ['init', '--quiet', '--initial-branch=main', join(folder, 'clone')]);
  await repository.git('remote', 'add', 'origin', repository.remote);
  return repository;
}

/** The names of refs, without what they have in common. */
async function refsBelow(gitDir: string, prefix: string): Promise<string[]> {
  const format = '--format=%(refname:lstrip=2)';
  const { stdout } = await exec('git', [`--git-dir=${gitDir}`, 'for-each-ref', format, prefix]);
  return stdout.split('\n').filter((name) => name !== '');
}

/** The one that was made there before. */
export function openRepository(folder: string) {
  const remote = join(folder, 'demo.git');
  const clone = join(folder, 'clone');
  const git = async (...words: string[]) =>
    (
      await exec('git', ['-C', clone, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...words])
    ).stdout.trim();

  return {
    remote,
    git,

    /** Commits files, and nothing else, on top of a branch (made when missing), pushes it and gives the commit. */
    async commit(branch: string, files: Record<string, string>, message = 'A change'): Promise<string> {
      const exists = (await git('ls-remote', 'origin', `refs/heads/${branch}`)) !== '';
      if (exists)
        await git(
          'checkout',
          '--quiet',
          '-B',
          'work',
          (await git('ls-remote', 'origin', `refs/heads/${branch}`)).split('\t')[0] ?? '',
        );
      else await git('checkout', '--quiet', '--orphan', `new-${process.hrtime.bigint()}`);
      await git('rm', '-rq', '--cached', '--ignore-unmatch', '.');
      await git('clean', '-fdxq');
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(clone, path)), { recursive: true });
        await writeFile(join(clone, path), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '-m', message);
      const commit = await git('rev-parse', 'HEAD');
      await git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/${branch}`);
      return commit;
    },

    /** The commits pinned in a mirror. */
    pinsOf: (mirror: string) => refsBelow(mirror, 'refs/bough/'),

    /** The branches a mirror has. */
    headsOf: (mirror: string) => refsBelow(mirror, 'refs/heads/'),

    /** Deletes a branch. */
    remove: (branch: string) => git('push', '--quiet', 'origin', `:refs/heads/${branch}`),
    message: (commit: string) => git('log', '-1', '--format=%B', commit),
    async dispose() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
