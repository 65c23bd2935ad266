import type { ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { openLedgerReader, readDeliveries } from '@bough/host/ledger/read-ledger.ts';
import type { Installation } from './installation.ts';

/** Every delivery the receiver has on record, the latest first. */
export function deliveriesOf({ layout }: Pick<Installation, 'layout'>): ShownDelivery[] {
  const database = openLedgerReader(layout.ledger);
  try {
    return readDeliveries(database, { limit: 100_000 });
  } finally {
    database.close();
  }
}
