import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';

const root = join(import.meta.dirname, '../..');
const sources = globSync(['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'script/**/*.ts'], { cwd: root });

test('imports point from apps to host to core to zod, never sideways or back', () => {
  const found = sources.flatMap((file) =>
    specifiersOf(readFileSync(join(root, file), 'utf8'))
      .filter((specifier) => !isAllowed(file, specifier))
      .map((specifier) => `${file} must not import ${specifier}`),
  );

  assert.deepEqual(found, []);
});

test('the rule looks at the packages it is about', () => {
  for (const folder of ['packages/core/src/', 'packages/host/src/']) {
    assert.ok(
      sources.some((file) => file.startsWith(folder)),
      `found no source in ${folder}`,
    );
  }
});

for (const [file, specifier, expected] of [
  ['packages/core/src/slug.ts', 'zod', true],
  ['packages/core/src/git/ref.ts', '../slug.ts', true],
  ['packages/core/src/slug.ts', '@bough/core/commit.ts', true],
  ['packages/core/src/slug.ts', 'node:path', false],
  ['packages/core/src/slug.ts', 'execa', false],
  ['packages/core/src/slug.ts', '@bough/host/git.ts', false],
  ['packages/core/src/slug.ts', '../../host/src/git.ts', false],
  ['packages/core/src/slug.ts', './slug.test.ts', false],
  ['packages/core/src/slug.test.ts', 'node:test', true],
  ['packages/core/src/slug.test.ts', 'fast-check', true],
  ['packages/core/src/slug.test.ts', 'execa', false],
  ['packages/core/src/slug.test.ts', '../../../test/fixtures/names.ts', true],
  ['packages/host/src/git.ts', 'node:fs', true],
  ['packages/host/src/git.ts', 'bullmq', true],
  ['packages/host/src/git.ts', '@bough/core/slug.ts', true],
  ['packages/host/src/git.ts', '@bough/worker/main.ts', false],
  ['packages/host/src/git.ts', '../../../test/fixtures/repo.ts', false],
  ['apps/worker/src/main.ts', '@bough/host/git.ts', true],
  ['apps/worker/src/main.ts', '../package.json', true],
  ['apps/worker/src/main.ts', '@bough/receiver/main.ts', false],
  ['apps/worker/src/main.ts', '../../receiver/src/main.ts', false],
  ['script/render.ts', '../packages/core/src/slug.ts', true],
  ['script/render.ts', '../test/unit/imports.test.ts', false],
] as const) {
  test(`${file} ${expected ? 'may' : 'must not'} import ${specifier}`, () => {
    assert.equal(isAllowed(file, specifier), expected);
  });
}

test('every form of import is read, and no other text', () => {
  const source = `
    import a from 'a';
    import {
      b,
    } from "b";
    import type { C } from 'c';
    import 'd' ;
    export * from 'e';
    const f = await import('f');
    const g = require('g');
    export const h = 'not from me';
    // import i from 'i';
  `;

  assert.deepEqual(specifiersOf(source), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
});

/** The modules a source file names. Read from the text: TypeScript 7 offers no parser to JavaScript. */
function specifiersOf(source: string): string[] {
  const statement = /^\s*(?:import|export)\b(?:[^'"`;=()]*?\bfrom)?\s*(['"])(.+?)\1/gm;
  const call = /\b(?:import|require)\(\s*(['"])(.+?)\1/g;
  return [statement, call].flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[2] ?? ''));
}

function isAllowed(file: string, specifier: string): boolean {
  const [kind = '', folder = ''] = file.split('/');
  const isTest = file.endsWith('.test.ts');
  const isRelative = specifier.startsWith('.');
  const target = isRelative ? join(dirname(file), specifier) : specifier;

  if (target.endsWith('.test.ts')) return false;
  if (target.startsWith('test/')) return isTest;
  if (isRelative) return kind === 'script' || target.startsWith(`${kind}/${folder}/`);
  if (target.startsWith('@bough/core/')) return true;
  if (target.startsWith('@bough/host/')) return folder !== 'core';
  if (target.startsWith('@bough/')) return false;
  if (folder === 'core') return target === 'zod' || (isTest && /^(node:|fast-check$)/.test(target));
  return true;
}
