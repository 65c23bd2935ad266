import { rm } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { bootRecordOf, renderBootRecord } from '@bough/core/state/boot-record.ts';
import type { Release } from '@bough/core/state/release.ts';
import { textOf } from '../if-there.ts';
import { isMissing } from '../is-missing.ts';
import { syncFolder } from '../sync-folder.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';

/** Records that a reboot is to bring this release back, its sockets alone when it is asleep. Returns whether that was news. */
export async function writeBootRecord(layout: Layout, release: Release, isAsleep: boolean): Promise<boolean> {
  const record = bootRecordOf(release, isAsleep);
  if (record === null) return false;
  const path = layout.bootRecord(release);
  const text = renderBootRecord(record);
  if ((await textOf(path)) === text) return false;
  await writeFileAtomically(path, text);
  return true;
}

/** From now on a reboot brings nothing of the deployment back. Returns whether it would have. */
export async function removeBootRecord(layout: Layout, id: DeploymentId): Promise<boolean> {
  try {
    await rm(layout.bootRecord(id));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  await syncFolder(layout.bootRecords);
  return true;
}
