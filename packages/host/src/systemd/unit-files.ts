import { mkdir, readlink, rm, symlink } from 'node:fs/promises';
import type { Layout } from '@bough/core/layout.ts';
import { namesIn, nullIfMissing, textOf } from '../if-there.ts';
import { isMissing } from '../is-missing.ts';
import { syncFolder } from '../sync-folder.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';

/** The unit files of the releases: canonical text in `stateDir/units`, a link to it in `unitDir`. */
export type UnitFiles = ReturnType<typeof createUnitFiles>;

/** Unit names must have passed `parseUnitName`: they become file names here. */
export function createUnitFiles(layout: Layout) {
  return {
    /** Names found as canonical text or as link. */
    async names(): Promise<string[]> {
      return [...new Set([...(await namesIn(layout.units)), ...(await namesIn(layout.unitDir))])];
    },

    /** The canonical text, or `null`. */
    async text(unit: string): Promise<string | null> {
      return await textOf(layout.unitFile(unit));
    },

    /** Whether `unitDir` leads to the canonical text. */
    async link(unit: string): Promise<'linked' | 'missing' | 'foreign'> {
      try {
        return (await readlink(layout.unitLink(unit))) === layout.unitFile(unit) ? 'linked' : 'foreign';
      } catch (error) {
        if (isMissing(error)) return 'missing';
        return 'foreign'; // a file or folder of somebody else's
      }
    },

    write: (unit: string, text: string) => writeFileAtomically(layout.unitFile(unit), text),

    /** Makes the link; what is not ours is never replaced. */
    async makeLink(unit: string): Promise<void> {
      await mkdir(layout.unitDir, { recursive: true });
      await symlink(layout.unitFile(unit), layout.unitLink(unit));
    },

    /** Removes the link, if it is ours, then the canonical text. */
    async remove(unit: string): Promise<void> {
      if ((await this.link(unit)) === 'linked') await rm(layout.unitLink(unit), { force: true });
      await rm(layout.unitFile(unit), { force: true });
      await syncFolder(layout.units).catch(nullIfMissing);
    },
  };
}
