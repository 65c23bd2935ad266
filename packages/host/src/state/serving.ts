import { lstat, readlink } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';

/** The release requests of a deployment are led to; `null`: none. */
export async function servingRelease(layout: Layout, id: DeploymentId): Promise<number | null> {
  const target = await readlink(layout.currentSocket(id)).catch(() => null);
  const seq = /^r(\d+)-web\.sock$/.exec(target ?? '')?.[1];
  return seq === undefined ? null : Number(seq);
}

/** When requests were led to the release that serves: the symlink is made anew by each switch, and by a boot. */
export async function servingSince(layout: Layout, id: DeploymentId): Promise<Date | null> {
  return await lstat(layout.currentSocket(id)).then(
    ({ mtime }) => mtime,
    () => null,
  );
}
