import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { readSecret } from './secret-file.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bough-secret-'));
});
after(() => rm(folder, { recursive: true }));

for (const [text, secret] of [
  ['geheim', 'geheim'],
  ['geheim\n', 'geheim'],
  ['geheim\r\n', 'geheim'],
  ['geheim\n\n', 'geheim\n'],
  [' two words ', ' two words '],
] as const) {
  test(`${JSON.stringify(text)} holds the secret ${JSON.stringify(secret)}`, async () => {
    await writeFile(join(folder, 'secret'), text);

    assert.equal(await readSecret(join(folder, 'secret')), secret);
  });
}

test('a file that is missing, empty or a folder is refused by its path', async () => {
  await writeFile(join(folder, 'empty'), '\n');

  for (const path of [join(folder, 'missing'), join(folder, 'empty'), folder]) {
    await assert.rejects(readSecret(path), (error) => {
      return error instanceof AppError && error.code === 'SECRET_UNREADABLE' && error.message.includes(path);
    });
  }
});
