import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAge } from './render-age.ts';
import { renderTable } from './render-table.ts';

test('columns are as wide as their widest cell, and no line ends in blanks', () => {
  assert.equal(
    renderTable(
      ['branch', 'state', ''],
      [
        ['main', 'live', ''],
        ['feature/long', 'asleep', 'x'],
      ],
    ),
    `BRANCH        STATE
main          live
feature/long  asleep  x
`,
  );
  assert.equal(renderTable(null, []), '');
});

test('an age is told in the largest unit that fits', () => {
  const now = Date.parse('2026-01-03T00:00:00Z');

  assert.equal(renderAge('2026-01-01T12:00:00Z', now), '1 d');
  assert.equal(renderAge('2026-01-02T21:00:00Z', now), '3 h');
  assert.equal(renderAge('2026-01-02T23:59:58Z', now), '2 s');
  assert.equal(renderAge('2026-01-03T00:00:09Z', now), '0 s');
  assert.equal(renderAge(null, now), '–');
});
