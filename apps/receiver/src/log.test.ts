import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';

// As the forges' own documents name them, beside those of the board and the API.
const secretHeaders = [
  'authorization',
  'cookie',
  'x-hub-signature-256',
  'x-hub-signature',
  'x-gitlab-token',
  'webhook-signature',
  'x-gitea-signature',
  'x-forgejo-signature',
  'x-bough-signature',
];

function logged(line: object): string {
  const lines: string[] = [];
  createLog('info', { write: (text) => void lines.push(text) }).info(line);
  return lines.join('');
}

for (const name of secretHeaders)
  test(`what the header ${name} holds is not logged, wherever a line has headers`, () => {
    const headers = { [name]: 'geheim', 'x-other': 'plain' };

    for (const line of [{ headers }, { req: { headers } }, { err: Object.assign(new Error('refused'), { headers }) }]) {
      const text = logged(line);
      assert.doesNotMatch(text, /geheim/);
      assert.match(text, /plain/);
    }
  });

test('of a command that failed the log holds the name and not the arguments', () => {
  const err = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['geheim'] } });

  const text = logged({ err });

  assert.match(text, /"name":"auth"/);
  assert.doesNotMatch(text, /geheim/);
});
