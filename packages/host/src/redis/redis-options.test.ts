import assert from 'node:assert/strict';
import test from 'node:test';
import { redisOptions } from './redis-options.ts';

for (const [url, password, expected] of [
  ['unix:///run/bough-redis/redis.sock', undefined, { path: '/run/bough-redis/redis.sock' }],
  ['unix:///run/r.sock', 'geheim', { path: '/run/r.sock', password: 'geheim' }],
  ['redis://localhost', undefined, { host: 'localhost', port: 6379 }],
  ['redis://[::1]:7000/3', undefined, { host: '::1', port: 7000, db: 3 }],
  ['redis://u%40x@h:1', undefined, { host: 'h', port: 1, username: 'u@x' }],
  ['redis://u@h', 'file', { host: 'h', port: 6379, username: 'u', password: 'file' }],
  ['rediss://h', undefined, { host: 'h', port: 6379, tls: {} }],
] as const) {
  test(`${url}${password === undefined ? '' : ' with a password'} is reached as it says`, () => {
    assert.deepEqual(redisOptions(url, password), expected);
  });
}
