import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlakeReference } from './flake-reference.ts';

test('a path or a URL is a flake, and what comes after # its attribute', () => {
  const attribute = 'packages.x86_64-linux.default';
  const read = (text: string) => parseFlakeReference(text, 'x86_64-linux');

  assert.deepEqual(read('.'), { flake: '.', attribute });
  assert.deepEqual(read('.#'), { flake: '.', attribute });
  assert.deepEqual(read('../shop#web'), { flake: '../shop', attribute: 'web' });
  assert.deepEqual(read('/srv/shop#a#b'), { flake: '/srv/shop', attribute: 'a#b' });
  assert.deepEqual(read('git+file:///srv/shop?ref=x'), { flake: 'git+file:///srv/shop?ref=x', attribute });
  assert.deepEqual(read('github:example/shop'), { flake: 'github:example/shop', attribute });
});

test('a name, an option and nothing are no flake', () => {
  for (const text of ['demo', 'nixpkgs#hello', '--impure', '-x:y', '#web', '']) {
    assert.equal(parseFlakeReference(text, 'x86_64-linux'), null, text);
  }
});
