import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

const root = join(import.meta.dirname, '../..');
const scripts = ['script/*', 'script/lib/env', 'test/run-machines', 'test/machine/*.sh', 'test/machine/image/*.sh'];

test('no two scripts take the same name in the cache folder, one for a file and one for a folder', () => {
  const texts = globSync(scripts, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const uses = texts.flatMap((text) => [...text.matchAll(/(>?)"?\$\{?bough_cache\}?\/([\w-]+)(\/?)/g)]);
  const files = new Set(uses.flatMap(([, into, name = '']) => (into === '>' ? [name] : [])));
  const folders = new Set(uses.flatMap(([, , name = '', slash]) => (slash === '/' ? [name] : [])));

  assert.ok(files.size > 0 && folders.size > 0, 'the scripts name no file or no folder of it');
  assert.deepEqual([...files.intersection(folders)], []);
});
