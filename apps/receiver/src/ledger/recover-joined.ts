import type { JoinedDelivery } from '@bough/core/ledger/joined-delivery.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import { rememberedJoined } from '@bough/host/queue/joined-jobs.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import type { Logger } from 'pino';

/**
 * Writes down the deliveries that joined another's job and whose lines went with an earlier receiver, or with the power. What has a
 * job of its own is told of by that once it ends.
 */
export async function recoverJoined(
  redis: RedisConnection,
  ledger: Pick<Ledger, 'missing' | 'recover'>,
  log: Logger,
): Promise<void> {
  const missing: JoinedDelivery[] = [];
  for await (const joined of rememberedJoined(redis)) missing.push(...(await ledger.missing(joined)));
  if (missing.length === 0) return;
  await ledger.recover(missing);
  log.info(
    { deliveries: missing.length },
    'deliveries an earlier receiver did not come to write down are on record now',
  );
}
