import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createJobLog } from './job-log.ts';

const silent = pino({ level: 'silent' });

function recorder() {
  const rows: string[] = [];
  const progress: unknown[] = [];
  const job = {
    log: async (row: string) => rows.push(row),
    updateProgress: async (value: unknown) => void progress.push(value),
    clearLogs: async (keep = 0) => void rows.splice(0, rows.length - keep),
  };
  return { rows, progress, job };
}

test('lines that come together become one row, without colours, and of a line rewritten in place its last state', async () => {
  const { rows, job } = recorder();
  const jobLog = createJobLog(job, silent);

  jobLog.line('\u001b[31;1merror:\u001b[0m no');
  jobLog.line('10%\r50%\r100%\r');
  await jobLog.close();

  assert.deepEqual(rows, ['error: no\n100%']);
});

test('a row is never larger than 64 KiB, and no line is lost between rows', async () => {
  const { rows, job } = recorder();
  const jobLog = createJobLog(job, silent);
  const lines = Array.from({ length: 1_300 }, (_, i) => `${i} ${'ä'.repeat(40)}`);

  for (const line of lines) jobLog.line(line);
  await jobLog.close();

  assert.ok(rows.length > 1);
  assert.ok(rows.every((row) => Buffer.byteLength(row) <= 65_536));
  assert.deepEqual(rows.join('\n').split('\n'), lines);
});

test('while nothing can be sent the oldest lines are dropped, and the log says how many', async () => {
  const { rows, job } = recorder();
  const jobLog = createJobLog(job, silent);

  for (let i = 0; i < 30; i += 1) jobLog.line(`${i}`.padEnd(16_000, '.'));
  await jobLog.close();

  assert.match(rows[0] ?? '', /^… \d+ lines are left out here/);
  assert.ok(rows.at(-1)?.startsWith('29') || rows.at(-1)?.includes('\n29'));
});

test('of a run that prints a lot Redis keeps the newest, and no more than 128 KiB of it', async () => {
  const { rows, job } = recorder();
  const jobLog = createJobLog(job, silent);

  for (let second = 0; second < 5; second += 1) {
    for (let line = 0; line < 4; line += 1) jobLog.line(`${second} ${line}`.padEnd(15_000, '.'));
    await sleep(300);
  }
  await jobLog.close();

  assert.ok(Buffer.byteLength(rows.join('')) <= 131_072);
  assert.match(rows.at(-1) ?? '', /^4 0\./);
});

test('progress is the latest only', async () => {
  const { progress, job } = recorder();
  const jobLog = createJobLog(job, silent);

  for (let built = 0; built <= 100; built += 1) jobLog.progress({ built });
  await jobLog.close();

  assert.deepEqual(progress, [{ built: 100 }]);
});

test('a Redis that refuses or never answers costs the log and nothing else', async () => {
  const refusing = createJobLog(
    {
      log: async () => {
        throw new Error('Missing key for job');
      },
      updateProgress: async () => undefined,
      clearLogs: async () => undefined,
    },
    silent,
  );
  refusing.line('a');
  await refusing.close();

  const silentRedis = createJobLog(
    {
      log: async () => await new Promise<number>(() => {}),
      updateProgress: async () => undefined,
      clearLogs: async () => undefined,
    },
    silent,
  );
  silentRedis.line('a');
  const closed = silentRedis.close().then(() => 'closed');
  assert.equal(await Promise.race([closed, sleep(3_000, 'hangs', { ref: false })]), 'closed');
});
