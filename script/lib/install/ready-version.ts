import { existsSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { places } from './places.ts';
import { pointLink } from './point-link.ts';
import { pruneVersions } from './prune-versions.ts';

/**
 * The version to go back to: the last whose services became ready, whatever `current` leads to since. An upgrade that was
 * killed half-way has moved that link already.
 */
export async function lastReady(): Promise<string | null> {
  const ready = await versionAt(places.ready);
  if (ready !== null) return ready;
  // An installation of a version that did not note this yet. What has never run is nothing to go back to.
  const current = await versionAt(places.current);
  if (current === null || !existsSync(`${places.unitDir}/bough-worker.service`)) return null;
  await pointLink(places.ready, `versions/${current}`);
  return current;
}

/** Notes that a version became ready. It is kept with the one that was before it, and all others are removed. */
export async function markReady(version: string): Promise<void> {
  const before = await versionAt(places.ready);
  if (before !== null && before !== version) await pointLink(places.previous, `versions/${before}`);
  await pointLink(places.ready, `versions/${version}`);
  await keepReady();
}

/** Removes every version but the last two that became ready. */
export async function keepReady(): Promise<void> {
  const versions = await Promise.all([versionAt(places.ready), versionAt(places.previous)]);
  await pruneVersions(versions.filter((version) => version !== null));
}

async function versionAt(link: string): Promise<string | null> {
  const target = await readlink(link).catch(() => null); // a first installation has none
  return target === null ? null : basename(target);
}
