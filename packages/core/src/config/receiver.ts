import * as z from 'zod';
import { network, port, seconds } from './fields.ts';
import { TimeSpan } from './time-span.ts';

/** Where deliveries are taken, from whom, and how much of them. */
export const Receiver = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address the receiver listens on.'),
  port: port.default(9010).describe('Port the receiver listens on.'),
  bodyLimitBytes: z.int().min(1024).max(26_214_400).default(5_242_880).describe('Largest delivery accepted, in bytes.'),
  requestTimeoutSec: seconds(10, 'A request must be there whole within this many seconds.'),
  allowFrom: z
    .array(network)
    .min(1)
    .optional()
    .describe("Addresses and networks deliveries may come from, such as the forge's; any unless set."),
  trustProxies: z
    .array(network)
    .default([])
    .describe('Addresses and networks of proxies whose `X-Forwarded-For` is believed.'),
  refusalsPerMinute: z
    .int()
    .min(1)
    .default(60)
    .describe(
      'An address that was refused so often within a minute is answered 429 for all that is not signed well, or is too much at once, unless a delivery that was signed well came from it of late.',
    ),
  keepDeliveries: TimeSpan.prefault('30d').describe(
    'How long deliveries are kept in the ledger, the last 500,000 at most.',
  ),
});
