import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userInfoOf } from './user-info.ts';

for (const [url, expected] of [
  ['https://me:token@host/x', { user: 'me', password: 'token' }],
  ['https://u:p@ss@host', { user: 'u', password: 'p@ss' }],
  ['redis://:p:q@host', { user: '', password: 'p:q' }],
  ['ssh://git@host/x', { user: 'git', password: null }],
  ['https://host/@x', null],
  ['https://host?x=a@b', null],
  ['git@host:path', null],
  ['/srv/a:b@c.git', null],
] as const) {
  test(`what stands before the host of ${url} is told`, () => {
    assert.deepEqual(userInfoOf(url), expected);
  });
}
