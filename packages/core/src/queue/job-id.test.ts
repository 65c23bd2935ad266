import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import * as fc from 'fast-check';
import { ProjectName } from '../deployment-id.ts';
import { deliveryJobId } from './job-id.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const project = fc
  .stringMatching(/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/)
  .filter((name) => ProjectName.safeParse(name).success);

test("a GUID of GitHub stays readable in the job's id", () => {
  const id = deliveryJobId('demo', '72d3162e-cc78-11e3-81ab-4c9367dc0958', sha256);

  assert.equal(id, 'gh-demo--72d3162e-cc78-11e3-81ab-4c9367dc0958');
});

test('whatever the header holds, the id is one word that no key of a queue has', () => {
  fc.assert(
    fc.property(project, fc.string({ unit: 'binary' }), (name, delivery) => {
      assert.match(deliveryJobId(name, delivery, sha256), /^gh-[0-9A-Za-z-]{3,100}$/);
    }),
  );
});

test('two projects never make the same id', () => {
  fc.assert(
    fc.property(project, project, fc.string(), fc.string(), (a, b, one, two) => {
      fc.pre(a !== b);
      assert.notEqual(deliveryJobId(a, one, sha256), deliveryJobId(b, two, sha256));
    }),
  );
});
