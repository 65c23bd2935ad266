import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import { pino } from 'pino';
import { createRunCommand } from './run-command.ts';

const log = pino({ level: 'silent' });
const run = createRunCommand({ log });
const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('it should have failed'),
    (error: unknown) => error,
  );
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await rejection(promise);
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, 'COMMAND_FAILED');
  return error;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

test('a command gives what it printed, whole and line by line', async () => {
  const lines: string[] = [];

  const result = await run(sh(String.raw`printf 'a\nb'; printf '\033[31mred\033[0m\r\ntail' >&2`), {
    onStdoutLine: (line) => lines.push(`out ${line}`),
    onStderrLine: (line) => lines.push(`err ${line}`),
  });

  assert.equal(result.stdout, 'a\nb');
  assert.equal(result.exitCode, 0);
  assert.deepEqual(lines.toSorted(), ['err red', 'err tail', 'out a', 'out b']);
});

test('a command sees what is put in, and of our environment only what is listed', async () => {
  const bare = createRunCommand({ log, environment: { PATH: process.env['PATH'], SECRET: 'x', HOME: '/nowhere' } });

  const { stdout } = await bare(sh('cat; env | sort'), { input: 'in\n', env: { EXTRA: '1' } });

  const names = stdout.split('\n').map((line) => line.split('=')[0]);
  assert.deepEqual(
    names.filter((name) => name !== '_' && name !== 'SHLVL' && name !== 'PWD'),
    ['in', 'EXTRA', 'HOME', 'LC_ALL', 'PATH', ''],
  );
});

test('an unexpected exit code fails with the last lines and without the credentials in a URL', async () => {
  const error = await failure(run(sh('echo one >&2; echo https://me:token@example.org >&2; exit 3')));

  assert.match(error.message, /failed with exit code 3$/);
  assert.deepEqual(error.log, ['one', 'https://…@example.org']);
});

test('an allowed exit code is a result, and so is any, a death by signal included', async () => {
  assert.equal((await run(sh('exit 3'), { allowExitCodes: [3] })).exitCode, 3);
  assert.equal((await run(sh('kill -9 $$'), { allowExitCodes: 'any' })).exitCode, 137);
  assert.match((await failure(run(sh('kill -9 $$')))).message, /was ended by SIGKILL$/);
});

test('a program that is not installed is named', async () => {
  const error = await failure(run(['bough-no-such-program', '--help']));

  assert.match(error.message, /bough-no-such-program --help could not be started/);
});

test('a command past its limit is stopped and the limit is named', async () => {
  const error = await failure(run(['sleep', '60'], { timeoutMs: 50 }));

  assert.match(error.message, /sleep 60 did not end within 0\.05 s/);
});

test('an abort ends the whole process group before its reason is thrown', async () => {
  const reason = new Error('superseded');
  const stop = new AbortController();
  const pids: number[] = [];

  // The grandchild ignores SIGTERM and keeps none of our pipes open.
  const error = await rejection(
    run(sh(`(trap '' TERM; exec sleep 60 </dev/null >/dev/null 2>&1) & echo $!; echo $$; exec sleep 60`), {
      signal: stop.signal,
      onStdoutLine(line) {
        if (pids.push(Number(line)) === 2) stop.abort(reason);
      },
    }),
  );

  assert.equal(error, reason);
  assert.equal(pids.length, 2);
  // SIGKILL was sent; the kernel carries it out when it comes to it.
  const end = performance.now() + 5_000;
  while (pids.some(isAlive) && performance.now() < end) await sleep(5);
  assert.deepEqual(pids.map(isAlive), [false, false]);
});

test('a daemon that a command leaves behind is not waited for', async () => {
  const began = performance.now();

  const { stdout, exitCode } = await run(sh('setsid sleep 20 & echo done'));

  assert.deepEqual([stdout, exitCode], ['done\n', 0]);
  assert.ok(performance.now() - began < 10_000);
});

test('nothing is started once the signal has aborted', async () => {
  assert.equal(await rejection(run(['/nonexistent'], { signal: AbortSignal.abort('too late') })), 'too late');
});

test('more output than allowed is a failure on stdout, and is cut on stderr', async () => {
  const error = await failure(run(sh('yes'), { maxOutputBytes: 1000 }));
  const { stderr } = await run(sh('yes | head -c 100000 >&2; printf end >&2'), { maxOutputBytes: 1000 });

  assert.match(error.message, /printed more than 1000 bytes/);
  assert.equal(stderr.length, 1000);
  assert.ok(stderr.endsWith('end'));
});

test('every child holds the lock descriptor', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bough-lock-'));
  const fds = [...Array(12).keys()].map(() => openSync(folder, 'r')); // so that the lock's own number is a high one
  const lockFd = openSync(join(folder, 'worker.lock'), 'w');
  try {
    const { stdout } = await createRunCommand({ log, lockFd })(['readlink', '/proc/self/fd/3']);

    assert.equal(stdout.trim(), join(folder, 'worker.lock'));
  } finally {
    for (const fd of [...fds, lockFd]) closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});
