import { rm } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { type BranchStatus, renderStatusPage } from '@bough/core/stack/page.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';

/**
 * Says what Caddy tells visitors when a branch does not answer; `null`: nothing in particular. It is shown only then, so
 * a page may stand while the branch serves. While it stands and there is no socket, visitors are told at once instead of
 * waiting for one. Makes the branch known to Caddy, and goes with the folder of its sockets.
 */
export async function writeStatusPage(layout: Layout, id: DeploymentId, status: BranchStatus | null): Promise<void> {
  const path = layout.statusPage(id);
  if (status === null) await rm(path, { force: true });
  else await writeFileAtomically(path, renderStatusPage(status));
}
