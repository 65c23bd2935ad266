import type { LedgerQuery } from '@bough/core/ledger/delivery-line.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { type BoardLogin, forPeople } from '../board/for-people.ts';
import { renderDeliveries } from './render-deliveries.ts';

export interface DeliveriesOptions extends BoardLogin {
  readonly ledger: Pick<Ledger, 'deliveries' | 'refusals'>;
}

const text = z
  .string()
  .max(255)
  .optional()
  .transform((given) => (given === '' ? undefined : given));
const Query = z.object({
  project: text,
  branch: text,
  outcome: text,
  before: z.coerce.number().int().positive().optional(),
});
const pageLines = 100;

/** `GET /deliveries`: what was delivered and what became of it, for those who may see the board. */
export async function deliveriesRoutes(app: FastifyInstance, { ledger, ...login }: DeliveriesOptions): Promise<void> {
  await forPeople(app, login);

  app.get('/deliveries', async (request, reply) => {
    const asked = Query.safeParse(request.query);
    if (!asked.success) return reply.code(400).send({ outcome: 'rejected', reason: 'the query is not understood' });
    const query: LedgerQuery = { ...asked.data, limit: pageLines };
    try {
      const [deliveries, refusals] = await Promise.all([
        ledger.deliveries(query),
        query.before === undefined ? ledger.refusals(50) : [],
      ]);
      return await reply.type('text/html; charset=utf-8').send(renderDeliveries(query, deliveries, refusals));
    } catch (err) {
      request.log.warn({ err }, 'the ledger cannot be read');
      return await reply
        .code(503)
        .header('retry-after', 10)
        .send({ outcome: 'unavailable', reason: 'the ledger cannot be read; the log says why' });
    }
  });
}
