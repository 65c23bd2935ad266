import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs git on a bare repository, with no settings of whoever runs it. Names go in and come out as they are. */
export function gitIn(remote: string, words: readonly string[], input: string | Buffer = ''): string {
  return execFileSync('git', [`--git-dir=${remote}`, ...words], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  });
}

/** Makes a bare repository in which each branch has a commit of its own, whose message is the branch's name, with a file named so. */
export function makeHostileRemote(remote: string, branches: readonly string[]): void {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', '--', remote]);
  importBranches(remote, branches, (branch) => `M 100644 inline name\n${data(branch)}`);
}

/** Gives a repository branches whose commits, each with the branch's name for its message, all hold a tree that is there. */
export function addBranches(remote: string, branches: readonly string[], tree: string): void {
  importBranches(remote, branches, () => `M 040000 ${tree} ""\n`);
}

function importBranches(remote: string, branches: readonly string[], files: (branch: string) => string): void {
  const commits = branches.map(
    (branch, second) =>
      `commit refs/heads/${branch}\ncommitter Test <test@example.org> ${second} +0000\n${data(branch)}${files(branch)}\n`,
  );
  gitIn(remote, ['fast-import', '--quiet'], commits.join(''));
}

/** Takes branches away from a repository. */
export function removeBranches(remote: string, branches: readonly string[]): void {
  gitIn(remote, ['update-ref', '--stdin', '-z'], branches.map((branch) => `delete refs/heads/${branch}\0\0`).join(''));
}

/** Gives a repository a branch no file could be named after, as one that keeps its refs otherwise may have. */
export function addPacked(remote: string, branch: string | Buffer, commit: string): void {
  gitIn(remote, ['pack-refs', '--all']);
  const file = join(remote, 'packed-refs');
  const [head = '', ...refs] = readFileSync(file, 'latin1').trimEnd().split('\n'); // a character for each byte
  refs.push(`${commit} refs/heads/${Buffer.from(branch).toString('latin1')}`);
  const sorted = refs.toSorted((a, b) => (a.slice(commit.length) < b.slice(commit.length) ? -1 : 1));
  writeFileSync(file, [head, ...sorted, ''].join('\n'), 'latin1');
}

/** Every branch of a repository with its commit. */
export function headsOf(remote: string): Map<string, string> {
  const lines = gitIn(remote, ['for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads/']).split(
    '\n',
  );
  return new Map(lines.filter((line) => line !== '').map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** The names in groups of which no name is a folder of another: git keeps a branch as a file. */
export function apart(branches: readonly string[]): string[][] {
  const all = new Set(branches);
  const isBelow = (branch: string) =>
    branch.split('/').some((_, index, parts) => index > 0 && all.has(parts.slice(0, index).join('/')));
  const above = branches.filter((branch) => !isBelow(branch));
  return above.length === branches.length ? [above] : [above, ...apart(branches.filter(isBelow))];
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
