import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { BranchPattern, matchesPattern, whyExcluded } from './branch-patterns.ts';

for (const [pattern, matching, others] of [
  ['main', ['main'], ['Main', 'main2', 'my/main', 'main/x']],
  ['*', ['main', 'fix-1.2'], ['feature/x']],
  ['**', ['main', 'feature/x', 'a/b/c'], []],
  ['feature/*', ['feature/x'], ['feature/x/y', 'feature', 'my/feature/x']],
  ['feature/**', ['feature/x', 'feature/x/y'], ['feature', 'features/x']],
  ['**/x', ['x', 'a/x', 'a/b/x'], ['ax', 'a/x/b']],
  ['a/**/b', ['a/b', 'a/c/b', 'a/c/d/b'], ['ab', 'a/cb']],
  ['release-*.*', ['release-1.2', 'release-.'], ['release-12', 'release-1/2.3']],
  ['wip**', ['wip', 'wip/x', 'wip-1'], ['my/wip']],
  ['(a|b)+$', ['(a|b)+$'], ['a', 'ab']],
  ['*é', ['é', '💡é'], ['e']],
] as const) {
  test(`${pattern} matches ${matching.join(' ')}${others.length > 0 ? ` and not ${others.join(' ')}` : ''}`, () => {
    for (const branch of matching) assert.equal(matchesPattern(pattern, branch), true, branch);
    for (const branch of others) assert.equal(matchesPattern(pattern, branch), false, branch);
  });
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '+', '(', '💡'), maxLength: 12 });

test('a pattern without a star matches itself alone', () => {
  fc.assert(fc.property(text, text, (a, b) => matchesPattern(a, b) === (a === b)));
});

test('** between two texts matches whatever lies between them', () => {
  fc.assert(fc.property(text, text, text, (a, b, c) => matchesPattern(`${a}x**x${c}`, `${a}x${b}x${c}`)));
});

test('* between two texts matches what lies between them unless a slash does', () => {
  fc.assert(fc.property(text, text, text, (a, b, c) => matchesPattern(`${a}*${c}`, a + b + c) || b.includes('/')));
  fc.assert(fc.property(text, (b) => matchesPattern('a*a', `a${b}a`) === !b.includes('/')));
});

test('a pattern agrees with the regular expression that says the same', () => {
  const pattern = fc
    .array(fc.constantFrom('*', '**', '/', '**/', 'a', 'b'), { maxLength: 7 })
    .map((parts) => parts.join('').replace(/\*{3,}/g, '**'));
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  const meaning: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' };
  const expression = (source: string) =>
    new RegExp(`^${source.replace(/(?<![^/])\*\*\/|\*+/g, (part) => meaning[part] ?? part)}$`);

  fc.assert(
    fc.property(pattern, name, (source, branch) => matchesPattern(source, branch) === expression(source).test(branch)),
    { numRuns: 2000 },
  );
});

test('a pattern full of stars takes no time to speak of', { timeout: 5_000 }, () => {
  assert.equal(matchesPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(255)), false);
});

test('a pattern no branch name could match is refused', () => {
  for (const source of ['', 'a b', 'v?', '[ab]', '^main', 'a:b', 'x'.repeat(256)]) {
    assert.equal(BranchPattern.safeParse(source).success, false, source);
  }
});

test('exclude goes before include, the production branch before both, and the reason names the patterns', () => {
  const filter = { production: 'main', include: ['feature/**', 'fix-*'], exclude: ['**/wip', 'main'] };

  assert.equal(whyExcluded(filter, 'main'), null);
  assert.equal(whyExcluded(filter, 'feature/x'), null);
  assert.equal(whyExcluded(filter, 'feature/wip'), 'the project excludes branches that match **/wip');
  assert.equal(whyExcluded(filter, 'other'), 'the project includes only branches that match feature/** or fix-*');
  assert.equal(
    whyExcluded({ ...filter, include: [] }, 'other'),
    'the project includes only branches that match nothing',
  );
});
