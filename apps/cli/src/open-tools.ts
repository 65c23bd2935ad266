import { createRunCommand } from '@bough/host/run-command.ts';
import { createSystemd } from '@bough/host/systemd/systemd.ts';
import type { Logger } from 'pino';

/** What commands look at the host with. */
export function openTools(scope: 'system' | 'user', log: Logger) {
  const run = createRunCommand({ log });
  return { run, systemd: createSystemd({ scope, run, environment: {} }) };
}
