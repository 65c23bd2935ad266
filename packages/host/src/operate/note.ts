import { appendFile } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';

/** One line for whoever asks later who did what; it goes with the deployment. */
export async function note(layout: Layout, id: DeploymentId, line: object): Promise<void> {
  await appendFile(layout.operations(id), `${JSON.stringify(line)}\n`);
}
