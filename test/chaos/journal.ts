import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** What no fault of the host explains: it is a mistake in Bough itself. */
const mistakes =
  /a promise was rejected and nobody looked|STATE_INVALID|RECONCILE_STUCK|\b(Type|Reference|Range|Syntax|Assertion)Error\b|\bERR_(ASSERTION|INTERNAL_ASSERTION|INVALID_\w+)\b|uncaughtException/;

/** Lines of worker and receiver that tell of a programming error: those since then, or since the host started. */
export async function readJournal(since?: Date): Promise<string[]> {
  const units = ['--unit=bough-worker.service', '--unit=bough-receiver.service'];
  const from = since === undefined ? '--boot' : `--since=@${Math.floor(since.getTime() / 1_000)}`;
  const { stdout } = await exec('journalctl', ['--output=cat', from, ...units], { maxBuffer: 1 << 28 });
  return findMistakes(stdout);
}

/** The same in a text. */
export function findMistakes(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => mistakes.test(line))
    .map((line) => `in the journal: ${line.slice(0, 1_000)}`);
}
