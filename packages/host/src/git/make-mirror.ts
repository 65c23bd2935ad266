import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as argv from '@bough/core/git/git-argv.ts';
import { isMissing } from '../is-missing.ts';
import type { RunCommand } from '../run-command.ts';
import { gitError, runGit } from './run-git.ts';

/** Makes the mirror where there is none: under another name first, so that no half-made one ever stands in its place. */
export async function ensureMirror(run: RunCommand, path: string): Promise<void> {
  if (await hasMirror(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  await rm(fresh, { recursive: true, force: true });
  const made = await runGit(run, argv.initMirror(fresh));
  if (made.exitCode !== 0) throw gitError(`no mirror could be made at ${path}`, made);
  await rm(path, { recursive: true, force: true });
  await rename(fresh, path);
}

/** Whether there is a mirror, whole or not. */
export function hasMirror(path: string): Promise<boolean> {
  return stat(`${path}/HEAD`).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

/**
 * Makes a broken mirror anew: sets the old one aside, fills a new one with `fill`, pins again what the new one holds of
 * what was pinned before, and removes the old one.
 */
export async function remakeMirror(run: RunCommand, path: string, fill: () => Promise<void>): Promise<void> {
  const old = `${path}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(path, old);
  await ensureMirror(run, path);
  await fill();
  const pinned = (await runGit(run, argv.listPinned(old))).stdout.split('\n').filter((name) => name !== '');
  for (const name of pinned) {
    // One that was force-pushed away is lost; its release lives on in the store.
    await runGit(run, argv.pinCommit(path, name.slice('refs/bough/'.length)));
  }
  await rm(old, { recursive: true, force: true });
}

/**
 * Removes what a killed git leaves behind: lock files, and half-received packs that nothing else would ever collect.
 * Only for a caller that knows no git is at work in this mirror: the worker, by its lock.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const isLock = (name: string): boolean => name.endsWith('.lock'); // no ref may end so, see git-check-ref-format(1)
  const isTemporary = (name: string): boolean => name.startsWith('tmp_') || name.startsWith('.tmp-');
  const removals = [
    ...(await find(path, isLock, false)),
    ...(await find(`${path}/refs`, isLock, true)),
    ...(await find(`${path}/objects`, isTemporary, false)),
    ...(await find(`${path}/objects/pack`, (name) => isLock(name) || isTemporary(name), false)),
    ...(await find(`${path}/objects/info`, isLock, true)),
    `${path}.new`,
    `${path}.old`,
  ];
  for (const removal of removals) await rm(removal, { recursive: true, force: true });
}

async function find(folder: string, wanted: (name: string) => boolean, deep: boolean): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: deep });
    return names.filter((name) => wanted(name.slice(name.lastIndexOf('/') + 1))).map((name) => `${folder}/${name}`);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
