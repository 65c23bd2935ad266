import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { jobTitle } from './job-title.ts';

const asked = { by: 'sweep' };

for (const [title, name, data] of [
  ['build demo feature/x', 'build', { project: 'demo', branch: 'feature/x', asked }],
  ['reconcile demo feature-x-1a2b3c4d', 'reconcile', { project: 'demo', slug: 'feature-x-1a2b3c4d', asked }],
  ['sweep demo', 'sweep', { project: 'demo', asked }],
  ['sweep all projects', 'sweep', { asked }],
  ['build', 'build', { project: 'demo', branch: 7 }],
] as const) {
  test(`a job is called ${title}`, () => {
    assert.equal(jobTitle({ name, data }), title);
  });
}

test('no job makes it throw', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (name, data) => typeof jobTitle({ name, data }) === 'string'));
  assert.equal(jobTitle({}), '');
});
