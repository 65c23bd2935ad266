import { createRunCommand } from '@bough/host/run-command.ts';
import { pino } from 'pino';

/** One thing done, for the person who installs. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs a command of the host. */
export const run = createRunCommand({ log: pino({ level: 'silent' }) });
