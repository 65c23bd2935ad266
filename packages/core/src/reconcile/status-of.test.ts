import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRelease } from '../../../../test/support/model.ts';
import { renderStatusPage } from '../stack/page.ts';
import { newDeployment } from '../state/deployment.ts';
import { statusOf } from './status-of.ts';

const deployment = { ...newDeployment({ project: 'demo', slug: 'main' }, 'main'), desired: 1, lastSeq: 1 };
const release = aRelease(1, 'pending');
const see = (isServed: boolean, isBlocked: boolean) =>
  statusOf(deployment, [release], release, { isServed, isBlocked });

test('a first release that a person keeps from being started is said to be so, and not to be starting', () => {
  assert.deepEqual(see(false, false), { state: 'starting' });
  assert.deepEqual(see(false, true), { state: 'blocked' });
  assert.equal(see(true, true), null, 'what served before goes on');
});

test('the page of a branch that is blocked names nothing of the host, and does not try again by itself', () => {
  const page = renderStatusPage({ state: 'blocked' });

  assert.match(page, /This branch is not started/);
  assert.doesNotMatch(page, /bough-|systemctl|refresh/);
});

test('a branch whose first build was cancelled is said to be so; one that has served is not', () => {
  const head = {
    outcome: 'cancelled',
    commit: 'c'.repeat(40),
    by: 'ada',
    at: '2026-01-01T00:00:00.000Z',
    why: '',
  } as const;
  const quiet = { isServed: false, isBlocked: false };

  assert.deepEqual(statusOf({ ...deployment, desired: null, head }, [], null, quiet), { state: 'cancelled' });
  assert.equal(statusOf({ ...deployment, head }, [release], release, { ...quiet, isServed: true }), null);
  assert.match(renderStatusPage({ state: 'cancelled' }), /Somebody cancelled its first build/);
});
