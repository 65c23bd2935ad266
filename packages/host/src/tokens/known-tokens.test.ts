import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { createKnownTokens } from './known-tokens.ts';
import { createToken } from './token-store.ts';

test('a secret is compared with that of each token, whichever it is: the time does not tell', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bough-tokens-'));
  t.after(() => rm(folder, { recursive: true }));
  const layout = { tokens: join(folder, 'tokens') };
  const secrets = new Map<string, string>();
  for (const name of ['first', 'middle', 'last'])
    secrets.set(
      name,
      await createToken(
        { config: { scope: 'user' }, layout },
        { name, scopes: ['read'], projects: null, by: 'a test', at: '2026-01-01T00:00:00.000Z', expires: null },
      ),
    );
  const tokens = createKnownTokens({ layout, log: pino({ level: 'silent' }) });
  const compare = t.mock.method(crypto, 'timingSafeEqual');
  syncBuiltinESMExports();
  t.after(() => {
    compare.mock.restore();
    syncBuiltinESMExports();
  });

  for (const [name, secret] of [...secrets, [undefined, 'of nobody'] as const]) {
    compare.mock.resetCalls();
    assert.equal((await tokens.find(secret))?.name, name);
    assert.equal(compare.mock.callCount(), 3, name);
  }
});
