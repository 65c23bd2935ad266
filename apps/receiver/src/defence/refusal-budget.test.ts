import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRefusalBudget } from './refusal-budget.ts';

function budget(perMinute = 3) {
  let ms = 0;
  return { ...createRefusalBudget({ perMinute, now: () => ms }), pass: (more: number): number => (ms += more) };
}

test('a source that was refused as often as it may waits, and no longer than until one refusal has come back', () => {
  const { spend, waitSec, pass } = budget();

  assert.deepEqual([spend('1.2.3.4'), spend('1.2.3.4'), waitSec('1.2.3.4')], [false, false, 0]);
  assert.equal(spend('1.2.3.4'), true);
  assert.equal(waitSec('1.2.3.4'), 20);
  pass(20_000);
  assert.equal(waitSec('1.2.3.4'), 0);
});

test('one source does not spend what another has, but the addresses of an IPv6 network spend together', () => {
  const { spend, waitSec } = budget(1);

  spend('1.2.3.4');
  spend('2001:db8:1:2::5');

  assert.ok(waitSec('1.2.3.4') > 0);
  assert.ok(waitSec('::ffff:1.2.3.4') > 0);
  assert.equal(waitSec('1.2.3.5'), 0);
  assert.ok(waitSec('2001:db8:1:2:ffff::9') > 0);
  assert.equal(waitSec('2001:db8:1:3::5'), 0);
});

test('it remembers ten thousand sources and no more', () => {
  const { spend, waitSec } = budget(1);

  for (let index = 0; index <= 10_000; index += 1) spend(`10.0.${index >> 8}.${index & 255}`);

  assert.equal(waitSec('10.0.0.0'), 0);
  assert.ok(waitSec('10.0.0.1') > 0);
});
