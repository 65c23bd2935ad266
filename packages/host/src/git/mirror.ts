import { rm } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import { isMirrorBroken, isNameTooLong, isStaleLock } from '@bough/core/git/classify-git.ts';
import * as argv from '@bough/core/git/git-argv.ts';
import { type Head, parseHead } from '@bough/core/git/parse-head.ts';
import { parseLsRemote } from '@bough/core/git/parse-ls-remote.ts';
import type { Layout } from '@bough/core/layout.ts';
import { redactUrls } from '@bough/core/text/redact-url.ts';
import type { Logger } from 'pino';
import type { Actions } from '../progress/actions.ts';
import type { RunCommand } from '../run-command.ts';
import { createSerialise } from '../serialise.ts';
import { ensureMirror, hasMirror, remakeMirror, removeLeftovers } from './make-mirror.ts';
import { gitError, type GitOptions, type GitResult, runGit } from './run-git.ts';

/** The bare mirrors of all projects. Only branches are mirrored; commits that were built are pinned. */
export type Mirror = ReturnType<typeof createMirror>;

/** What a mirror needs. */
export interface MirrorDeps {
  readonly layout: Layout;
  readonly run: RunCommand;
  readonly fetchTimeoutMs: number;
  readonly log?: Logger;
  /** Where waiting for other work on a mirror is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/** A list of branches is a few packets: a remote that has not sent it by now hangs. Half of the usual time between two sweeps. */
const listTimeoutMs = 30_000;
const tidyTimeoutMs = 3_600_000; // see `jobLimitSec`

/**
 * The mirrors below `layout.mirrors`. A mirror that a crash left half-made, locked or broken is made anew by the next
 * `fetch`: everything in it is at the remote. Works on one project go one after the other.
 * Fetching throws AppError SOURCE_*, DISK_FULL or COMMAND_FAILED.
 */
export function createMirror({ layout, run, fetchTimeoutMs, log, actions }: MirrorDeps) {
  const serialise = createSerialise(actions, (project) => `the mirror of ${project}`);
  const inMirror = <T>(project: string, work: (path: string) => Promise<T>): Promise<T> =>
    serialise(project, () => work(layout.mirror(project)));

  async function local(command: argv.GitArgv, problem: string): Promise<string> {
    const result = await runGit(run, command);
    if (result.exitCode !== 0) throw gitError(problem, result);
    return result.stdout;
  }

  async function listHeads(remote: string, signal?: AbortSignal, branch?: string): Promise<Map<string, string>> {
    const timeoutMs = Math.min(listTimeoutMs, fetchTimeoutMs);
    const result = await runGit(run, argv.lsRemoteHeads(remote, branch), { signal, timeoutMs });
    if (result.exitCode !== 0) throw gitError(`the branches of ${redactUrls(remote)} could not be listed`, result);
    const { heads, refused } = parseLsRemote(result.stdout);
    if (refused.length > 0)
      log?.debug({ remote: redactUrls(remote), refused }, 'branches with unusable names left out');
    // git gives every ref that ends like the one asked for.
    return branch === undefined ? heads : new Map([...heads].filter(([name]) => name === branch));
  }

  async function fetchHeads(path: string, remote: string, options: GitOptions): Promise<GitResult> {
    const result = await runGit(run, argv.fetchHeads(path, remote), options);
    if (result.exitCode === 0 || !isNameTooLong(result.complaints)) return result;
    // What is gone was pruned already. The others must not suffer from a name somebody chose.
    const heads = await listHeads(remote, options.signal);
    return await runGit(run, argv.fetchNamed(path, remote), { ...options, input: argv.refspecs(heads.keys()) });
  }

  /** Whether the mirror was broken, and is gone therefore: the next fetch makes it anew, and until then nothing is in it. */
  async function isGoneAsBroken(path: string, { complaints }: GitResult): Promise<boolean> {
    if (!isMirrorBroken(complaints)) return false;
    log?.warn({ path, complaints: complaints.slice(-5) }, 'mirror is broken and is removed');
    await rm(path, { recursive: true, force: true });
    return true;
  }

  return {
    /**
     * Makes the mirror's branches those of the remote, but for what git can keep in no file. `onLine` gets what git prints
     * meanwhile.
     */
    fetch(project: string, remote: string, signal?: AbortSignal, onLine?: (line: string) => void): Promise<void> {
      return inMirror(project, async (path) => {
        const options: GitOptions = { signal, timeoutMs: fetchTimeoutMs, onLine };
        await ensureMirror(run, path);
        await removeLeftovers(path);
        let result = await fetchHeads(path, remote, options);
        if (result.exitCode !== 0 && (isMirrorBroken(result.complaints) || isStaleLock(result.complaints))) {
          log?.warn({ project, complaints: result.complaints.slice(-5) }, 'mirror is broken and is made anew');
          await remakeMirror(run, path, async () => {
            result = await fetchHeads(path, remote, options);
          });
        }
        if (result.exitCode !== 0) throw gitError(`the branches of ${redactUrls(remote)} could not be fetched`, result);
      });
    },

    /** Every branch of the remote with its commit, or only `branch`, as the remote says now. */
    lsRemote: listHeads,

    /** The head of a branch at the last fetch, or `null` when it has no such branch. */
    head(project: string, branch: string): Promise<Head | null> {
      return inMirror(project, async (path) => {
        const result = await runGit(run, argv.readHead(path, branch));
        const head = parseHead(result.stdout, branch);
        if (result.exitCode === 0 && (head !== null || result.complaints.length === 0)) return head;
        // A fetch that finds nothing new does not look at what is there: the next one has to start afresh.
        await isGoneAsBroken(path, result);
        throw gitError(`the head of ${branch} could not be read from the mirror`, result);
      });
    },

    /** Removes a branch that is gone from the mirror. Nothing happens when it is not there. */
    forgetHead(project: string, branch: string): Promise<void> {
      return inMirror(project, async (path) => {
        await ensureMirror(run, path);
        await removeLeftovers(path);
        const result = await runGit(run, argv.forgetHead(path, branch));
        if (result.exitCode === 0 || (await isGoneAsBroken(path, result))) return;
        throw gitError(`the branch ${branch} could not be removed from the mirror`, result);
      });
    },

    /** Keeps a commit from being collected. Throws SOURCE_COMMIT_GONE when the mirror does not hold it. */
    pin(project: string, commit: string): Promise<void> {
      return inMirror(project, async (path) => {
        const result = await runGit(run, argv.pinCommit(path, commit));
        if (result.exitCode === 0) return;
        const found = await runGit(run, argv.hasCommit(path, commit));
        if (found.exitCode === 0) throw gitError(`commit ${commit} could not be pinned`, result);
        throw new AppError('SOURCE_COMMIT_GONE', `commit ${commit} is not in the mirror any more`, {
          log: found.complaints,
        });
      });
    },

    /** Pins what of `commits` the mirror holds, after it was lost with its pins. Gives what was pinned. */
    pinAgain(project: string, commits: readonly string[]): Promise<string[]> {
      return inMirror(project, async (path) => {
        if (commits.length === 0 || !(await hasMirror(path))) return [];
        await removeLeftovers(path);
        const { stdout } = await runGit(run, argv.whatIs(path), { input: `${commits.join('\n')}\n` });
        const there = commits.filter((commit) => stdout.includes(`${commit} commit `));
        for (const commit of there) await local(argv.pinCommit(path, commit), `commit ${commit} could not be pinned`);
        return there;
      });
    },

    /** Lets a commit go. Nothing happens when it was not pinned, or there is no mirror. */
    unpin(project: string, commit: string): Promise<void> {
      return inMirror(project, async (path) => {
        if (!(await hasMirror(path))) return;
        await removeLeftovers(path);
        await local(argv.unpinCommit(path, commit), `commit ${commit} could not be unpinned`);
      });
    },

    /** The commits pinned; none when there is no mirror. */
    pinned(project: string): Promise<string[]> {
      return inMirror(project, async (path) => {
        if (!(await hasMirror(path))) return [];
        const result = await runGit(run, argv.listPinned(path));
        if (result.exitCode !== 0 && (await isGoneAsBroken(path, result))) return [];
        if (result.exitCode !== 0) throw gitError('the pinned commits could not be listed', result);
        return result.stdout.split('\n').flatMap((name) => (name === '' ? [] : [name.slice('refs/bough/'.length)]));
      });
    },

    /**
     * The message of a commit that is in the history of `head` and in that of none of `known`; `null`: it is not, or the mirror lacks
     * it. What of `known` the mirror lacks does not count.
     */
    messageOfNew(project: string, commit: string, head: string, known: readonly string[]): Promise<string | null> {
      return inMirror(project, async (path) => {
        const within = await runGit(run, argv.isWithin(path, commit, head));
        if (within.exitCode === 1) return null;
        if (within.exitCode !== 0) {
          if ((await runGit(run, argv.hasCommit(path, commit))).exitCode !== 0) return null;
          throw gitError(`it could not be told whether commit ${commit} is in ${head}`, within);
        }
        const text = await local(argv.readUnknown(path, commit, known), `commit ${commit} could not be read`);
        return text === '' ? null : text.slice(text.indexOf('\0') + 1);
      });
    },

    /** The files that differ between two commits. Throws where the mirror lacks one of them. */
    changedFiles(project: string, from: string, to: string): Promise<string[]> {
      return inMirror(project, async (path) => {
        const names = await local(argv.changedFiles(path, from, to), `commits ${from} and ${to} could not be compared`);
        return names.split('\0').filter((name) => name !== '');
      });
    },

    /** Packs what the mirror holds, if git finds that there is enough of it; a large one takes minutes. `false`: there is none. */
    tidy(project: string, signal: AbortSignal): Promise<boolean> {
      return inMirror(project, async (path) => {
        if (!(await hasMirror(path))) return false;
        await removeLeftovers(path);
        const result = await runGit(run, argv.tidyMirror(path), { signal, timeoutMs: tidyTimeoutMs });
        if (result.exitCode !== 0) throw gitError(`the mirror of ${project} could not be packed`, result);
        return true;
      });
    },

    /** Removes the mirror with all its pins. */
    remove(project: string): Promise<void> {
      return inMirror(project, (path) => rm(path, { recursive: true, force: true }));
    },
  };
}
