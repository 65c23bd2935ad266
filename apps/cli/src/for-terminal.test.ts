import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forTerminal } from './for-terminal.ts';

test('escapes, carriage returns and turns of direction are shown as what they are, words and tables stay', () => {
  assert.equal(
    forTerminal('\u001b]52;c;x\u0007\u009b2J\rlive\u202egnp'),
    '\ufffd]52;c;x\ufffd\ufffd2J\ufffdlive\ufffdgnp',
  );
  assert.equal(forTerminal('main\tlive\n– größer ✔\n'), 'main\tlive\n– größer ✔\n');
});
