import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

/** What a run of `bough` came to. */
export interface CommandLineResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Until its answer, which may come before its end. */
  readonly ms: number;
}

const program = fileURLToPath(new URL('../../apps/cli/bin/bough', import.meta.url));

/** Longer than `bough` itself waits for the worker. */
const deadlineMs = 200_000;

/**
 * Runs `bough` as a person on this machine would. `user`: as somebody else than root. `cwd`: in which folder. One that does
 * not end is killed, which throws.
 */
export async function bough(words: readonly string[], { user = '', cwd = '/' } = {}): Promise<CommandLineResult> {
  const from = performance.now();
  const argv = [...(user === '' ? [] : ['runuser', '-u', user, '--']), program, ...words];
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    env: { PATH: process.env['PATH'], HOME: user === '' ? '/root' : `/home/${user}`, BOUGH_NODE: process.execPath },
  });
  let ms = 0;
  child.stdout.once('data', () => (ms = Math.round(performance.now() - from)));
  const ended = Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode === null ? once(child, 'exit') : null,
  ]);
  const [stdout, stderr] = await until(`bough ${words.join(' ')} ends`, () => ended, deadlineMs).finally(() =>
    child.kill('SIGKILL'),
  );
  return { code: child.exitCode, stdout, stderr, ms };
}
