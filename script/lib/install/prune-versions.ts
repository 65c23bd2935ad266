import { readdir, readlink, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { places } from './places.ts';

/** Removes every version but these, and every Node that none of them runs on. */
export async function pruneVersions(kept: readonly string[]): Promise<void> {
  for (const name of await readdir(places.versions)) {
    if (!kept.includes(name)) await rm(`${places.versions}/${name}`, { recursive: true });
  }
  const nodes = await Promise.all(
    kept.map(async (name) => basename(await readlink(`${places.versions}/${name}/node`))),
  );
  for (const name of await readdir(places.home)) {
    if (name.startsWith('node-') && !nodes.includes(name)) await rm(`${places.home}/${name}`, { recursive: true });
  }
}
