import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, describeProgress, stuckAction } from './progress.ts';
import { renderMetrics } from './render-metrics.ts';

const fetching: Action = { what: 'git fetch', ageSec: 4, deadlineSec: 120, isJob: false, needsRedis: false };
const building: Action = { what: 'build demo x', ageSec: 65.4, deadlineSec: 7_200, isJob: true, needsRedis: true };

test('what is within its deadline is not stuck, however long that is', () => {
  const slow = { ...fetching, what: 'nix build', ageSec: 7_199, deadlineSec: 7_200 };

  assert.equal(stuckAction({ actions: [fetching, building, slow], redisReadySec: 9e9 }), null);
});

test('a command beyond its deadline is stuck, with Redis or without', () => {
  const late = { ...fetching, ageSec: 121 };

  for (const redisReadySec of [null, 9e9])
    assert.equal(stuckAction({ actions: [building, late], redisReadySec }), late);
});

test('what needs Redis is not judged by the time in which Redis was away', () => {
  const late = { ...building, ageSec: 90_000 };

  assert.equal(stuckAction({ actions: [late], redisReadySec: null }), null);
  assert.equal(stuckAction({ actions: [late], redisReadySec: 60 }), null);
  assert.equal(stuckAction({ actions: [late], redisReadySec: 7_201 }), late);
});

test('progress is told by the oldest job and the part of it that lasts', () => {
  assert.equal(describeProgress({ actions: [] }), 'nothing to do');
  assert.equal(describeProgress({ actions: [fetching] }), 'git fetch for 4 s');
  const another = { ...building, what: 'sweep', ageSec: 1 };
  assert.equal(
    describeProgress({ actions: [fetching, another, building] }),
    'build demo x for 65 s, git fetch for 4 s, and 1 more jobs',
  );
});

test('gauges say what is known and leave out what is not', () => {
  const metrics = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  assert.deepEqual(metrics(renderMetrics(null)), ['bough_worker_up 0']);
  assert.deepEqual(
    metrics(
      renderMetrics({
        actions: [building, fetching],
        oldestPendingSec: 0,
        lastSweepSec: 12.3456,
        redisReadySec: 3,
      }),
    ),
    [
      'bough_worker_up 1',
      'bough_redis_connected 1',
      'bough_oldest_pending_seconds 0',
      'bough_action_seconds 4',
      'bough_jobs_running 1',
      'bough_last_sweep_seconds 12.346',
    ],
  );
  const without = renderMetrics({ actions: [], oldestPendingSec: null, lastSweepSec: null, redisReadySec: null });
  assert.deepEqual(metrics(without), [
    'bough_worker_up 1',
    'bough_redis_connected 0',
    'bough_action_seconds 0',
    'bough_jobs_running 0',
  ]);
});
