import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const program = `
import { startOverOnceCompiled } from ${JSON.stringify(new URL('start-over.ts', import.meta.url).href)};
console.log(process.pid, ...process.execArgv, ...process.argv.slice(2));
await startOverOnceCompiled(async () => console.log('loads the rest'));
console.log('goes on');
`;

test('a process that had to compile starts over, once and as it was called; one that finds it done does not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bough-start-over-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'program.mjs'), program);
  const { NODE_COMPILE_CACHE: _, ...environment } = process.env;

  function start(cache: Record<string, string>): string[] {
    const argv = ['--max-semi-space-size=8', join(folder, 'program.mjs'), 'a word'];
    const { stdout, stderr } = spawnSync(process.execPath, argv, {
      env: { ...environment, ...cache },
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    const [pid = ''] = stdout.split(' ');
    return stdout
      .trim()
      .split('\n')
      .map((line) => (line.startsWith(`${pid} `) ? line.replace(pid, 'PID') : line));
  }

  const cache = { NODE_COMPILE_CACHE: join(folder, 'cache') };
  const called = 'PID --max-semi-space-size=8 a word';
  assert.deepEqual(start(cache), [called, 'loads the rest', called, 'goes on']);
  assert.deepEqual(start(cache), [called, 'goes on']);
  assert.deepEqual(start({}), [called, 'goes on']);
  const again = { NODE_COMPILE_CACHE: join(folder, 'another'), BOUGH_STARTED_OVER: '1' };
  assert.deepEqual(start(again), [called, 'goes on']);
});
