import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { generatedPages } from '../../script/docs/pages.ts';

for (const [url, text] of await generatedPages()) {
  test(`docs/${url.pathname.split('/').at(-1)} says what the code says`, async () => {
    const found = await readFile(url, 'utf8').catch(() => '');
    assert.equal(found, text, 'run: node script/docs/write.ts');
  });
}

test('the smallest configuration of docs/configuration.md is valid', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  assert.equal(parseConfig(example, 'the example').projects['forms']?.production, 'main');
});
