import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import test from 'node:test';
import * as fc from 'fast-check';
import { sameSlug } from '../../../../test/support/hostile-branches.ts';
import { BranchName } from '../branch-name.ts';
import { ProjectName } from '../deployment-id.ts';
import { slugOf } from '../slug.ts';
import { deliveryJobId, isJobId } from './job-id.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const project = fc
  .stringMatching(/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/)
  .filter((name) => ProjectName.safeParse(name).success);
const branch = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[a-z0-9-]{1,40}$/))
  .filter((name) => BranchName.safeParse(name).success);

test("a GUID of GitHub and a plain branch stay readable in the job's id", () => {
  const id = deliveryJobId('demo', '72d3162e-cc78-11e3-81ab-4c9367dc0958', 'feature-x', sha256);

  assert.equal(id, 'delivery-demo--72d3162e-cc78-11e3-81ab-4c9367dc0958--feature-x');
});

test('whatever the header and the branch hold, the id is one word that no key of a queue has', () => {
  fc.assert(
    fc.property(project, fc.string({ unit: 'binary' }), branch, (name, delivery, of) => {
      const id = deliveryJobId(name, delivery, of, sha256);
      assert.match(id, /^delivery-[0-9A-Za-z-]{3,170}$/);
      assert.ok(isJobId(id));
    }),
  );
});

test('another project, another delivery or another branch makes another id', () => {
  const delivery = fc.oneof(fc.string(), fc.stringMatching(/^[a-c-]{1,6}$/));
  const parts = fc.tuple(project, delivery, fc.option(branch));
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      fc.pre(a.some((part, index) => part !== b[index]));
      assert.notEqual(deliveryJobId(...a, sha256), deliveryJobId(...b, sha256));
    }),
  );
  const near = fc.tuple(
    fc.constant('demo'),
    fc.stringMatching(/^[ab]{1,2}(--[ab]{1,2}|)$/),
    fc.constantFrom(null, 'a', 'ab', 'b'),
  );
  fc.assert(
    fc.property(near, near, (a, b) => {
      fc.pre(a.some((part, index) => part !== b[index]));
      assert.notEqual(deliveryJobId(...a, sha256), deliveryJobId(...b, sha256));
    }),
    { numRuns: 5_000 },
  );
  const hashed = deliveryJobId('demo', 'a b', null, sha256).replace('delivery-demo--', '');
  assert.notEqual(deliveryJobId('demo', hashed, null, sha256), deliveryJobId('demo', 'a b', null, sha256));
});

test('two branches that have one slug have jobs of their own', () => {
  const [one, other] = sameSlug;

  assert.equal(slugOf(one, sha256), slugOf(other, sha256));
  assert.notEqual(deliveryJobId('demo', 'd', one, sha256), deliveryJobId('demo', 'd', other, sha256));
});

test('what somebody asks for has the id of a job, and no other key of a queue', () => {
  for (const by of ['sweep', 'build', 'person']) assert.ok(isJobId(`${by}-${randomUUID()}`), by);
  for (const word of ['wait', 'events', 'meta', 'de:build.demo.main', 'repeat:sweep:1', 'person-1:logs', 'person-', ''])
    assert.ok(!isJobId(word), word);
});
