import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectArgv, parseCollected, parseSizes } from './store-gc.ts';

test('what was freed is read from what Nix prints, old and new', () => {
  assert.deepEqual(parseCollected('12 store paths deleted, 3.50 MiB freed\n'), { paths: 12, bytes: 3_670_016 });
  assert.deepEqual(parseCollected('1 store path deleted, 1.0 GiB freed'), { paths: 1, bytes: 2 ** 30 });
  assert.deepEqual(parseCollected('0 store paths deleted, 0.00 MiB freed'), { paths: 0, bytes: 0 });
  assert.deepEqual(parseCollected('2 store paths deleted, 512 B freed'), { paths: 2, bytes: 512 });
  assert.deepEqual(parseCollected('finding garbage collector roots...'), { paths: 0, bytes: 0 });
});

test('sizes are read as Nix 2.8 prints them and as later versions do; what is not valid counts nothing', () => {
  assert.equal(parseSizes('[{"path":"/nix/store/a","narSize":10},{"path":"/nix/store/b","valid":false}]'), 10);
  assert.equal(parseSizes('{"/nix/store/a":{"narSize":10},"/nix/store/b":null,"/nix/store/c":{"narSize":5}}'), 15);
});

test('a collection has a limit in whole bytes, or none', () => {
  assert.deepEqual(collectArgv(1.5), ['nix-store', '--gc', '--max-freed', '2']);
  assert.deepEqual(collectArgv(null), ['nix-store', '--gc']);
});
