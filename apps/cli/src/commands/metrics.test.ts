import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempHost } from '../../../../test/support/temp-host.ts';

const main = fileURLToPath(import.meta.resolve('../main.ts'));

/** Runs `bough metrics` beside something at the worker's socket that takes connections. */
async function metricsBeside(t: TestContext, taken: (asker: Socket) => void, ...options: readonly string[]) {
  const { folder, layout } = tempHost(t);
  const path = `${folder}/bough.json`;
  const config = {
    stateDir: `${folder}/state`,
    runtimeDir: `${folder}/run`,
    unitDir: `${folder}/units`,
    board: { passwordFile: `${folder}/board` },
    projects: { demo: { remote: `${folder}/demo.git`, url: 'http://localhost:8080' } },
  };
  writeFileSync(path, JSON.stringify(config));
  mkdirSync(dirname(layout.control), { recursive: true });
  const askers = new Set<Socket>();
  const worker = createServer((asker) => {
    askers.add(asker.on('error', () => undefined));
    taken(asker);
  }).listen(layout.control);
  t.after(() => {
    for (const asker of askers) asker.destroy();
    worker.close();
  });
  await once(worker, 'listening');
  const words = [main, 'metrics', '--config', path, ...options];
  return await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, words, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

for (const [what, taken, why] of [
  ['takes the question and does not answer', () => undefined, /did not answer at .* within 5 s/],
  ['breaks off before its answer', (asker: Socket) => asker.once('data', () => asker.destroy()), /broke off/],
] as const) {
  test(`a worker that ${what} is not up, which is a file for the collector and no error`, async (t) => {
    const { code, stdout, stderr } = await metricsBeside(t, taken);

    assert.equal(code, 0, stderr);
    assert.match(stdout, /^bough_worker_up 0$/m);
    assert.match(stderr, why);
  });
}

test('for programs a worker that does not answer is none', async (t) => {
  const { code, stdout } = await metricsBeside(t, (asker) => asker.once('data', () => asker.destroy()), '--json');

  assert.deepEqual([code, JSON.parse(stdout)], [0, null]);
});
