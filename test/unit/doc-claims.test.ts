import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);

/** A page names a test by a link: its title, and the file it is in. */
const claim = /\[([^\]]+)\]\(\.\.\/([^)]+\.test\.ts)\)/g;

/** Whether a file has a test of that title. What a template fills in stands there, or in a file next to it that it imports. */
async function hasTest(file: string, title: string): Promise<boolean> {
  const url = new URL(file, root);
  const source = await textOf(url);
  const imports = [...source.matchAll(/ from '(\.[^']+)'/g)].map(([, path = '']) => new URL(path, url));
  const written = [source, ...(await Promise.all(imports.map(textOf)))].join('\n');
  return [...source.matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)].some(([, , text = '']) => {
    const parts = text.replaceAll(/\\(.)/g, '$1').split(/\$\{(?:[^{}]|\{[^}]*\})*\}/);
    const filled = new RegExp(
      `^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)')}$`,
    ).exec(title);
    return filled?.slice(1).every((value) => isWritten(value, written)) ?? false;
  });
}

/** Whether it is a text, a word or a number of its own there. */
function isWritten(value: string, source: string): boolean {
  if (/^\w+$/.test(value)) return new RegExp(`\\b${value}\\b`).test(source);
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${value}${quote}`));
}

async function textOf(file: URL): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '');
}

for await (const page of glob('docs/*.md', { cwd: root })) {
  const claims = [...(await readFile(new URL(page, root), 'utf8')).matchAll(claim)];
  if (claims.length === 0) continue;
  test(`${page} names tests that exist`, async () => {
    const missing: string[] = [];
    for (const [, title = '', file = ''] of claims)
      if (!(await hasTest(file, title))) missing.push(`${file}: ${title}`);
    assert.deepEqual(missing, []);
  });
}

test('every claim about a boundary in docs/security.md names a test', async () => {
  const page = await readFile(new URL('docs/security.md', root), 'utf8');
  const boundaries = page.slice(page.indexOf('## Boundaries'), page.indexOf('## What is not solved'));
  const claims = boundaries.split(/^- /m).slice(1);
  const titles = boundaries.match(/^### .* → .*$/gm) ?? [];

  assert.equal(titles.length, 8);
  assert.deepEqual(
    claims.filter((text) => text.match(claim) === null),
    [],
  );
});

test('every claim of docs/operations.md names a test', async () => {
  const page = await readFile(new URL('docs/operations.md', root), 'utf8');
  const tried = page.slice(page.indexOf("## Bough's own parts"), page.indexOf('\n\n## How this is tried'));
  const claims = tried.split('\n\n').filter((text) => !text.startsWith('## '));

  assert.ok(claims.length >= 19, `only ${claims.length}`);
  assert.deepEqual(
    claims.filter((text) => !text.startsWith('**') || text.match(claim) === null),
    [],
  );
});

test('a title that no test has is told from one that a test has', async () => {
  const file = 'test/integration/receiver-board.test.ts';

  assert.equal(await hasTest(file, 'a write from another site is refused, with the right password too'), true);
  assert.equal(await hasTest(file, 'a write from another site is taken'), false);
  assert.equal(await hasTest(file, 'a write from the same site is refused, with the right password too'), false);
  assert.equal(await hasTest('test/integration/no-such-file.test.ts', 'a failed job is retried'), false);
});
