import { headerOf } from '@bough/core/forge/proof.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { destination, type DestinationStream, type Logger, pino } from 'pino';

/** Bytes of lines that wait for a journal that hangs; what comes on top is dropped. */
const mostWaiting = 8_388_608;

/** Headers by which somebody proves who they are. */
const secretHeaders = new Set([
  'authorization',
  'cookie',
  ...Object.values(forges).flatMap(({ verifications }) => verifications.map(headerOf)),
]);

/** Where a line would hold a secret, each place by its name: a wildcard would have to look through every line. */
const redact = [
  'err.command.args', // what ioredis was sending when it failed, its password among it
  ...['headers', 'req.headers', 'err.headers'].flatMap((place) =>
    [...secretHeaders].map((name) => `${place}["${name}"]`),
  ),
];

/**
 * The receiver's log, on stdout unless told otherwise. A delivery does not wait for the journal: lines are written behind its
 * back, and what is left when the process exits is written then. A `kill -9` may cost the lines of the last moment.
 */
export function createLog(level: string, to?: DestinationStream): Logger {
  const stdout = () => destination({ fd: 1, sync: false, maxLength: mostWaiting });
  return pino({ name: 'bough-receiver', level, redact }, to ?? stdout());
}
