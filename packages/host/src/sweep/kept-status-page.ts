import { renderStatusPage } from '@bough/core/stack/page.ts';
import { writeStatusPage } from '../reconcile/write-status-page.ts';
import type { KeptFile } from './kept-file.ts';

/** A reboot takes all status pages, and a deployment that does not run would be unknown without. */
export const keptStatusPage: KeptFile = {
  name: 'status page',
  path: (layout, id) => layout.statusPage(id),
  wanted: ({ deployment, status, plan }) => {
    if (plan.steps.length > 0 || !deployment.present) return 'any'; // the next reconcile's
    return status === null ? null : { text: renderStatusPage(status) };
  },
  write: async (layout, id, { status }) => await writeStatusPage(layout, id, status),
};
