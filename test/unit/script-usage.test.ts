import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const scripts = fileURLToPath(new URL('../../script/', import.meta.url));

const cases: [script: string, argv: string[], status: number][] = [
  ['demo', ['--help'], 0],
  ['demo', ['--onec'], 64],
  ['demo', ['--once', 'now'], 64],
  ['demo', ['--port'], 64],
  ['test', ['--help'], 0],
  ['test', ['unti'], 64],
  ['test', ['unit', 'machin'], 64],
  ['test', ['bench', 'no-such-bench'], 64],
  ['check', ['--help'], 0],
  ['check', ['--fixx'], 64],
  ['machine', ['--help'], 0],
  ['machine', ['upp'], 2],
];

for (const [name, argv, status] of cases) {
  test(`script/${name} ${argv.join(' ')} says how it is used, and fetches no Node for that`, async (t) => {
    const cache = mkdtempSync(join(tmpdir(), 'bough-usage-'));
    t.after(() => rmSync(cache, { recursive: true }));
    const env = { BOUGH_CACHE: join(cache, 'bough'), BOUGH_NODE_DIR: '' };

    const { exitCode, stdout, stderr } = await execa(join(scripts, name), argv, { env, reject: false });

    assert.equal(exitCode, status, stdout + stderr);
    assert.match(status === 0 ? stdout : stderr, new RegExp(`usage: script/${name} `));
    assert.deepEqual(readdirSync(cache), []);
  });
}
