import { readFile } from 'node:fs/promises';
import type { Acknowledged } from '../../chaos/judge-deliveries.ts';

/** Where it is noted what was answered with 202: on a disk whose power is not cut. */
export const acknowledgedFile = '/srv/bough-test/acknowledged';

/** The note of one. */
export function noteOf(one: Acknowledged): string {
  return `${JSON.stringify(one)}\n`;
}

/** All that were noted. */
export async function readAcknowledged(): Promise<Acknowledged[]> {
  const lines = (await readFile(acknowledgedFile, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line): Acknowledged => JSON.parse(line));
}
