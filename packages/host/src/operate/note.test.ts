import assert from 'node:assert/strict';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { note, readNotes } from './note.ts';

test('what was noted is read again, and a line a power cut tore takes no other with it', async (t) => {
  const { layout } = tempHost(t);
  const id = { project: 'demo', slug: 'main' };
  await mkdir(dirname(layout.operations(id)), { recursive: true });
  assert.deepEqual(await readNotes(layout, id), []);

  await note(layout, id, { kind: 'pin', by: 'alice' });
  await appendFile(layout.operations(id), '{"kind":"unp');
  await note(layout, id, { kind: 'suspend', by: 'bob', job: 'person-1' });
  await note(layout, id, { kind: 'resume', by: 'alice' });

  assert.deepEqual(
    (await readNotes(layout, id)).map(({ kind }) => kind),
    ['pin', 'suspend', 'resume'],
  );
});
