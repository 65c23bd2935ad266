import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInvocations, whatRestarted } from '../chaos/invocations.ts';

const shown = `MainPID=12
Id=bough-demo--main--r1-web.service
InvocationID=aa

Id=bough-demo--main--r1-web.socket
InvocationID=bb
`;
const before = parseInvocations(shown);

test('units whose runs are the same have run on', () => {
  assert.equal(before.size, 2);
  assert.deepEqual(whatRestarted(before, parseInvocations(shown)), []);
});

for (const [what, after] of [
  ['was started again', shown.replace('aa', 'cc')],
  ['has another process', shown.replace('12', '13')],
  ['whose socket was started again', shown.replace('bb', 'cc')],
  ['is gone', shown.replace(/^[^]*\n\n/, '')],
  ['came beside it', `${shown}\nId=bough-demo--main--r2-web.socket\nInvocationID=dd\n`],
] as const) {
  test(`a unit that ${what} is told`, () => {
    assert.equal(whatRestarted(before, parseInvocations(after)).length, 1);
  });
}
