import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Slug } from './deployment-id.ts';
import { slugOf } from './slug.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const slug = (branch: string) => slugOf(branch, sha256);

test('a readable name is its own slug', () => {
  for (const name of ['main', 'feature-x', 'v2', 'a', 'x'.repeat(40)]) assert.equal(slug(name), name);
});

test('names that look alike never meet', () => {
  const names = [
    'feature/x',
    'feature-x',
    'Feature/X',
    'feature_x',
    'feature--x',
    'feature/x/',
    'FEATURE-X',
    'feature.x',
  ];
  assert.equal(new Set(names.map(slug)).size, names.length);
});

test('a readable name that ends like a hash is hashed too, so that no name can be made to meet another', () => {
  const hashed = slug('feature/x');
  assert.notEqual(slug(hashed), hashed);
});

test('a name without a letter or digit still gets a slug', () => {
  assert.match(slug('日本'), /^branch-[0-9a-f]{8}$/);
});

test('every name, up to 200 characters and beyond, gives a valid slug of at most 40', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }), (name) => {
      assert.ok(Slug.safeParse(slug(name)).success, slug(name));
    }),
  );
});
