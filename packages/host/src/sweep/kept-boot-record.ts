import { bootRecordOf, renderBootRecord } from '@bough/core/state/boot-record.ts';
import { removeBootRecord, writeBootRecord } from '../state/boot-record.ts';
import type { KeptFile } from './kept-file.ts';

/** A boot record may be lost, edited, or made by an earlier Bough. */
export const keptBootRecord: KeptFile = {
  name: 'boot record',
  path: (layout, id) => layout.bootRecord(id),
  wanted: ({ deployment, target, plan }) => {
    // What differs still is the next reconcile's; without a target something else may go on serving.
    if (plan.steps.length > 0 || plan.drift.length > 0) return 'any';
    if (target === null) return deployment.suspended === null && deployment.expired === null ? 'any' : null;
    const record = bootRecordOf(target, deployment.asleep !== null);
    return record === null ? 'any' : { text: renderBootRecord(record) };
  },
  write: async (layout, id, { target, deployment }) =>
    target === null
      ? await removeBootRecord(layout, id)
      : await writeBootRecord(layout, target, deployment.asleep !== null),
};
