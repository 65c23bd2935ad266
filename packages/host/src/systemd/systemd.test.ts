import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSystemd } from './systemd.ts';

test('any number of units is asked about, no more of them at once than a command line holds', async () => {
  const asked: number[] = [];
  const systemd = createSystemd({
    scope: 'system',
    environment: {},
    run(argv) {
      const names = argv.filter((word) => word.endsWith('.service'));
      asked.push(names.length);
      const stdout = names.map((name) => `Id=${name}\nLoadState=not-found\n`).join('\n');
      return Promise.resolve({ stdout, stderr: '', exitCode: 0 });
    },
  });
  const units = Array.from({ length: 2_500 }, (_, number) => `u${number}.service`);

  const states = await systemd.show(units);

  assert.deepEqual(asked, [1_000, 1_000, 500]);
  assert.deepEqual([states.length, states.at(-1)?.name, states.at(-1)?.load], [2_500, 'u2499.service', 'not-found']);
  assert.deepEqual([await systemd.show([]), asked.length], [[], 3]);
});
