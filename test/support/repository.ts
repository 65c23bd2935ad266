import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** A bare repository as a forge would have it, and a clone to commit in. */
export type Repository = Awaited<ReturnType<typeof createRepository>>;

/** Makes the repository `demo.git` and its clone below `folder`. */
export async function createRepository(folder: string) {
  const repository = openRepository(folder);
  await mkdir(folder, { recursive: true });
  await exec('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository.remote]);
  await exec('git', ['init', '--quiet', '--initial-branch=work', join(folder, 'clone')]);
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

  async function importCommit(files: Record<string, string>, message: string, parent?: string): Promise<string> {
    const importing = exec('git', ['-C', clone, 'fast-import', '--quiet', '--force', '--date-format=now']);
    importing.child.stdin?.end(importOf(files, message, parent));
    return (await importing).stdout.trim();
  }

  return {
    remote,
    git,

    /**
     * Commits files, and nothing else, on top of a branch (made when missing), pushes it and gives the commit, which is the
     * clone's HEAD from then on. Nothing is checked out: a working tree would take seven processes more.
     */
    async commit(branch: string, files: Record<string, string>, message = 'A change'): Promise<string> {
      const parent = await exec('git', [
        `--git-dir=${remote}`,
        'rev-parse',
        '--verify',
        '--quiet',
        `refs/heads/${branch}`,
      ])
        .then(({ stdout }) => stdout.trim())
        .catch(() => undefined); // there is none yet
      const commit = await importCommit(files, message, parent);
      await git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/${branch}`);
      return commit;
    },

    /** A commit for each of `versions`, one on top of the other, which the forge has and no branch leads to yet. */
    async prepare(versions: readonly Record<string, string>[]): Promise<string[]> {
      const commits: string[] = [];
      for (const files of versions) commits.push(await importCommit(files, 'A change', commits.at(-1)));
      const last = commits.at(-1);
      await git('push', '--quiet', 'origin', `${last}:refs/prepared/${last}`);
      return commits;
    },

    /** In the bare repository itself. */
    gitAtForge: (...words: string[]) => exec('git', [`--git-dir=${remote}`, ...words]),

    /** Deletes from the bare repository what no branch leads to any more, as a forge does some time after a force push. */
    forget: () => exec('git', [`--git-dir=${remote}`, 'gc', '--quiet', '--prune=now']),

    /** The commits pinned in a mirror. */
    pinsOf: (mirror: string) => refsBelow(mirror, 'refs/bough/'),

    /** The branches a mirror has. */
    headsOf: (mirror: string) => refsBelow(mirror, 'refs/heads/'),

    /** Its refs that are neither. */
    async otherRefsOf(mirror: string): Promise<string[]> {
      const { stdout } = await exec('git', [`--git-dir=${mirror}`, 'for-each-ref', '--format=%(refname)']);
      return stdout.split('\n').filter((name) => !/^(refs\/(heads|bough)\/|$)/.test(name));
    },

    /** Whether a mirror has a commit. */
    isIn: (mirror: string, commit: string) =>
      exec('git', [`--git-dir=${mirror}`, 'cat-file', '-e', commit]).then(
        () => true,
        () => false,
      ),

    /** Deletes a branch. */
    remove: (branch: string) => git('push', '--quiet', 'origin', `:refs/heads/${branch}`),
    message: (commit: string) => git('log', '-1', '--format=%B', commit),
    async dispose() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `git fast-import` makes a commit of, on the branch `work`; it answers with its id. */
function importOf(files: Record<string, string>, message: string, parent: string | undefined): string {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  return [
    `commit refs/heads/work\nmark :1\ncommitter Test <test@example.org> now\n${data(`${message}\n`)}`,
    parent === undefined ? '' : `from ${parent}\n`,
    'deleteall\n',
    ...Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
    'get-mark :1\n',
  ].join('');
}
