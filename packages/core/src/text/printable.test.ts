import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from './printable.ts';

test('controls of terminals, line breaks, turned directions and halves of characters are replaced, words stay', () => {
  assert.equal(
    printable('a\u001b[31mb\u009b2Jc\r\nd\u2028e\u202ef\ud800g\u061ch ü日🚀', 100),
    'a�[31mb�2Jc��d�e�f�g�h ü日🚀',
  );
});

test('no more than so many characters are kept, and none of them by half', () => {
  assert.equal(printable('🚀🚀', 3), '🚀�');
});
