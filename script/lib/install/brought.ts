import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { textOf } from '@bough/host/if-there.ts';
import { writeFileAtomically } from '@bough/host/write-file-atomically.ts';
import { places } from './places.ts';

/** What an installation brought beside Bough itself. */
export interface Brought {
  /** Folders made for a file of ours: others may keep something in them since. */
  readonly folders: readonly string[];
  /** Packages of the system. */
  readonly packages: readonly string[];
}

export async function readBrought(): Promise<Brought> {
  const text = await textOf(places.brought);
  return text === null ? { folders: [], packages: [] } : JSON.parse(text);
}

/** Adds to what was brought: folders before they are made, so that a run that is killed then leaves nothing unknown. */
export async function noteBrought(more: Brought): Promise<void> {
  const { folders, packages } = await readBrought();
  const all: Brought = {
    folders: [...new Set([...folders, ...more.folders])],
    packages: [...new Set([...packages, ...more.packages])],
  };
  await writeFileAtomically(places.brought, `${JSON.stringify(all, null, 2)}\n`);
}

/** The folders above these paths that are not there yet. */
export function missingAbove(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const missing: string[] = [];
    for (let folder = dirname(path); !existsSync(folder); folder = dirname(folder)) missing.push(folder);
    return missing;
  });
}
