import assert from 'node:assert/strict';
import test from 'node:test';
import { redisProblems } from './observe-redis.ts';

const good = ['maxmemory_policy:noeviction', 'aof_enabled:1', 'aof_last_write_status:ok', 'role:master'];

test('a Redis that keeps what it takes has no problems', () => {
  assert.deepEqual(redisProblems(good.join('\r\n')), []);
});

for (const [setting, problem] of [
  ['maxmemory_policy:allkeys-lru', /allkeys-lru, must be noeviction/],
  ['aof_enabled:0', /appendonly is off/],
  ['aof_last_write_status:err', /last write .* failed/],
  ['role:slave', /replica/],
] as const) {
  test(`${setting} is a problem`, () => {
    const key = setting.slice(0, setting.indexOf(':') + 1);
    const problems = redisProblems(good.map((line) => (line.startsWith(key) ? setting : line)).join('\r\n'));

    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', problem);
  });
}
