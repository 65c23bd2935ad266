import { isMirrorBroken, isStaleLock } from '@bough/core/git/classify-git.ts';
import type { Evidence } from '@bough/core/nix/evidence.ts';
import { builderRun } from './build-user.ts';
import type { NixHost } from './nix.ts';

/**
 * What git and the git library of newer Nix say of an object that a power cut left empty, as Nix syncs its copies no more than git
 * does, or that a full disk kept from being written after the commit that needs it: the commit is there, so nothing is fetched again.
 */
const isObjectBroken =
  /failed to parse loose object|(getting|peeling) Git object '[0-9a-f]{40}'|object not found - no match for id|not a tree object: [0-9a-f]{40}|invalid object \d+ [0-9a-f]{40} for/;

/**
 * Removes the copies of repositories that Nix keeps in its cache when a git killed half-way, a full disk or a power cut left one
 * broken or locked. Returns whether it did: then another try is worthwhile. They are fetched again from the mirror.
 */
export async function healNixCache(host: NixHost, { errors }: Evidence): Promise<boolean> {
  const cache = host.layout.nixCache;
  const lines = errors.flatMap((error) => error.lines);
  const complaints = lines.filter((line) => line.startsWith('fatal:')); // of the git that Nix ran
  const names = lines.some((line) => line.includes(`${cache}/nix/gitv3/`));
  const isBroken = isMirrorBroken(complaints) || lines.some((line) => isObjectBroken.test(line));
  if (!names && !isStaleLock(complaints) && !isBroken) return false;
  await builderRun(host)(['rm', '-rf', '--', `${cache}/nix`]);
  return true;
}
