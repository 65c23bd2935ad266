import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stillExpired } from './still-expired.ts';

const deleted = { at: '2026-01-10T12:00:00.000Z', why: 'deleted by anna' };
const ruled = { at: '2026-01-10T12:00:00.000Z', why: 'nothing was pushed to it for 1 h' };

test('a push brings back what was down when its job began, and what the limits took down since', () => {
  assert.equal(stillExpired({ expired: null }, null), null);
  assert.equal(stillExpired({ expired: { ...deleted } }, deleted), null);
  assert.equal(stillExpired({ expired: { ...ruled } }, ruled), null);
  assert.equal(stillExpired({ expired: ruled }, null), null);
});

test('what a person deleted since stays down', () => {
  const again = { ...deleted, at: '2026-01-11T12:00:00.000Z' };

  assert.deepEqual(stillExpired({ expired: deleted }, null), deleted);
  assert.deepEqual(stillExpired({ expired: deleted }, ruled), deleted);
  assert.deepEqual(stillExpired({ expired: again }, deleted), again);
});
