import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { createLastSweep } from './last-sweep.ts';

test('the age of the last sweep is that of the project looked at longest ago, and goes on with the next worker', (t) => {
  const { lastSweep } = tempHost(t).layout;
  let now = 100;
  const clock = () => now;
  const first = createLastSweep(lastSweep, clock);
  first.note('a');
  assert.deepEqual([first.age(['a']), first.age(['a', 'b'])], [0, null]);
  now = 110;
  first.note('b');
  now = 130;

  const second = createLastSweep(lastSweep, clock);

  assert.deepEqual(
    [first, second].map((each) => each.age(['a', 'b'])),
    [30, 30],
  );
  second.note('a');
  assert.equal(second.age(['a', 'b']), 20);
});

test('a file that says nothing, and one that cannot be written, are none', (t) => {
  const { lastSweep } = tempHost(t).layout;
  mkdirSync(dirname(lastSweep), { recursive: true });
  writeFileSync(lastSweep, 'yesterday');
  assert.equal(createLastSweep(lastSweep).age(['a']), null);

  const nowhere = createLastSweep(`${lastSweep}/below-a-file`);
  nowhere.note('a');

  assert.ok((nowhere.age(['a']) ?? Infinity) < 60);
});
