import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from './plain-text.ts';
import { redactUrls } from './redact-url.ts';

test('colours, links, cursor movements and control characters are gone, tabs and words stay', () => {
  assert.equal(
    plainText('\u001b[31;1merror:\u001b[0m\tno\u0007 \u001b]8;;http://x\u001b\\link\u001b]8;;\u0007 \u001b(Bü'),
    'error:\tno link ü',
  );
});

test('a line rewritten in place shows its last state', () => {
  assert.equal(plainText('10%\r50%\r100%\r'), '100%');
});

test('a million carriage returns are read in the time their number takes', () => {
  const returns = '\r'.repeat(1_000_000);

  assert.equal(plainText(`${returns}x`), 'x');
  assert.equal(plainText(`x${returns}`), 'x');
});

test('credentials in URLs are hidden', () => {
  assert.equal(
    redactUrls('fetch https://me:token@host/x and ssh://git@host/y or https://host/@z, not https://u:p@ss@host'),
    'fetch https://…@host/x and ssh://…@host/y or https://host/@z, not https://…@host',
  );
});
