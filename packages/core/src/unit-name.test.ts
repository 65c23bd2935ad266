import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseUnitName, unitName } from './unit-name.ts';

const part = (max: number) => fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,18}$/).filter((text) => text.length <= max);
const parts = fc.record({
  project: part(24),
  slug: part(40),
  seq: fc.integer({ min: 1, max: 99_999 }),
  service: part(16),
  role: fc.constantFrom('socket' as const, 'proxy' as const, 'process' as const),
});

test('a unit name reads back to the parts it was made of, and fits', () => {
  fc.assert(
    fc.property(parts, (unit) => {
      const name = unitName(unit);
      assert.deepEqual(parseUnitName(name), { ...unit });
      assert.ok(name.length <= 255);
    }),
  );
});

test('two deployments whose names join to the same text have different units', () => {
  const unit = (project: string, slug: string) => unitName({ project, slug, seq: 1, service: 'web', role: 'process' });
  assert.notEqual(unit('a', 'b-c'), unit('a-b', 'c'));
});

test('names that are not ours are told apart', () => {
  for (const name of [
    'bough-worker.service',
    'bough-demo--main.service',
    'bough-demo--main--r0-web.service',
    'bough-demo--main--r1-web.path',
    'nginx.service',
    'bough-demo--a/b--r1-web.service',
  ]) {
    assert.equal(parseUnitName(name), null, name);
  }
});
