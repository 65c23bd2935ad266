import { pinnedRef } from './pinned-ref.ts';

/** A git command line. */
export type GitArgv = readonly [string, ...string[]];

/** Environment of every git command: no settings but ours, no questions asked. */
export const gitEnvironment = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ControlMaster=no',
  GIT_OPTIONAL_LOCKS: '0',
} as const;

/**
 * The text of a configuration that lets git read one repository of another user. A file, because git hands no settings of its
 * command line or environment to the git that serves the repository (`safe.directory` in git-config(1)).
 */
export function readersConfig(mirror: string): string {
  return `[safe]\n\tdirectory = "${mirror.replace(/["\\]/g, '\\$&')}"\n`;
}

// No housekeeping but by `tidyMirror`: within a fetch it would be under the fetch's limit, and cut short each time anew. That one is in
// the foreground: nothing of git outlives the command, so nothing runs without the worker's lock.
const settings = ['-c', 'protocol.ext.allow=never', '-c', 'gc.auto=0', '-c', 'maintenance.auto=false'];
const housekeeping = ['-c', 'gc.auto=6700', '-c', 'gc.autoDetach=false', '-c', 'maintenance.autoDetach=false']; // git's own count

// All that is fetched is on disk before the ref that leads to it: else a power cut may leave a ref git believes, and no files.
const syncing = ['-c', 'core.fsync=all', '-c', 'core.fsyncMethod=batch'];

const git = (...args: string[]): GitArgv => ['git', ...settings, ...args];
const inMirror = (mirror: string, ...args: string[]): GitArgv => git(...syncing, `--git-dir=${mirror}`, ...args);
const headRef = (branch: string): string => `refs/heads/${branch}`;

/** Makes an empty bare repository. It takes nothing from templates, so it has no hooks. */
export function initMirror(path: string): GitArgv {
  return git('init', '--quiet', '--bare', '--template=', '--', path);
}

const fetchOptions = ['--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];

/** Makes the mirror's branches those of the remote. Prunes below refs/heads/ alone: pinned refs stay. */
export function fetchHeads(mirror: string, remote: string): GitArgv {
  return inMirror(mirror, 'fetch', ...fetchOptions, '--prune', '--', remote, '+refs/heads/*:refs/heads/*');
}

/** Fetches the branches that `refspecs` names on standard input, and no others. Nothing is pruned. */
export function fetchNamed(mirror: string, remote: string): GitArgv {
  return inMirror(mirror, 'fetch', ...fetchOptions, '--stdin', '--', remote);
}

/** What `fetchNamed` reads. */
export function refspecs(branches: Iterable<string>): string {
  return [...branches].map((branch) => `+${headRef(branch)}:${headRef(branch)}\n`).join('');
}

/**
 * Asks the remote for its branches, or for one of them, without a mirror. `parseLsRemote` reads the answer. With `--heads` the remote
 * sends branches alone: by the pattern git leaves out what it was sent (pull requests, of which there may be any number).
 */
export function lsRemoteHeads(remote: string, branch?: string): GitArgv {
  return git('ls-remote', '--quiet', '--heads', '--', remote, headRef(branch ?? '*'));
}

/** Prints the head of a branch, to be read by `parseHead`. */
export function readHead(mirror: string, branch: string): GitArgv {
  return inMirror(mirror, 'for-each-ref', '--format=%(refname)%00%(objectname)%00%(contents)', headRef(branch));
}

/** Removes a branch from the mirror, as the next fetch would. No error when it is not there. */
export function forgetHead(mirror: string, branch: string): GitArgv {
  return inMirror(mirror, 'update-ref', '-d', headRef(branch));
}

/** Exit code 0 when the commit and everything it needs can be read, else 1 or 128. */
export function hasCommit(mirror: string, commit: string): GitArgv {
  return inMirror(mirror, 'cat-file', '-e', `${commit}^{commit}`);
}

/** Says of each object named on standard input what it is: `<id> commit <size>`, or `<id> missing`. */
export function whatIs(mirror: string): GitArgv {
  return inMirror(mirror, 'cat-file', '--batch-check');
}

/** Keeps a commit in the mirror, through force pushes and housekeeping. */
export function pinCommit(mirror: string, commit: string): GitArgv {
  return inMirror(mirror, 'update-ref', pinnedRef(commit), commit);
}

/** Lets a commit go. No error when it was not pinned. */
export function unpinCommit(mirror: string, commit: string): GitArgv {
  return inMirror(mirror, 'update-ref', '-d', pinnedRef(commit));
}

/** Prints the files that differ between two commits, each ended by a zero byte. */
export function changedFiles(mirror: string, from: string, to: string): GitArgv {
  return inMirror(mirror, 'diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--');
}

/** Exit code 0 when a commit is in the history of another, 1 when it is not, 128 when one of them is not there. */
export function isWithin(mirror: string, commit: string, head: string): GitArgv {
  return inMirror(mirror, 'merge-base', '--is-ancestor', commit, head);
}

/** Prints a commit and its whole message, or nothing where it is in the history of one of `known`; which of those is not there is left out. */
export function readUnknown(mirror: string, commit: string, known: readonly string[]): GitArgv {
  return inMirror(mirror, 'log', '-1', '--ignore-missing', '--format=%H%x00%B', commit, '--not', ...known, '--');
}

/** Prints the names of all pinned refs, one a line. */
export function listPinned(mirror: string): GitArgv {
  return inMirror(mirror, 'for-each-ref', '--format=%(refname)', 'refs/bough/');
}

/** Packs what a mirror holds and drops what nothing leads to, if git finds that there is enough of it. */
export function tidyMirror(mirror: string): GitArgv {
  return inMirror(mirror, ...housekeeping, 'gc', '--auto', '--quiet');
}
