import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { hostileBranches } from '../../../../test/support/hostile-branches.ts';
import { renderDeliveries } from './render-deliveries.ts';

const hostile = `<script>alert("1")</script>' onload=x \u001b[31m\u202e\u061c`;
const delivery: ShownDelivery = {
  seq: 7,
  at: 0,
  project: 'demo',
  forge: 'github',
  delivery: hostile,
  event: hostile,
  source: hostile,
  status: 202,
  outcome: 'queued',
  reason: hostile,
  failure: hostile,
  ms: 1,
  branches: [
    {
      branch: hostile,
      commit: 'a'.repeat(40),
      job: hostile,
      outcome: 'queued',
      reason: null,
      ended: null,
    },
    {
      branch: 'y',
      commit: null,
      job: 'job-y',
      outcome: 'joined',
      reason: null,
      ended: {
        at: 6e4,
        outcome: 'failed',
        reason: 'BUILD_FAILED',
      },
    },
  ],
};
const refusal = { project: hostile, source: hostile, reason: hostile, status: 401, count: 5, first: 0, last: 1 };

test('nothing that came from outside is anything but text', () => {
  const page = renderDeliveries({ project: hostile, branch: hostile, limit: 1 }, [delivery], [refusal]);

  assert.doesNotMatch(page, /<script|"1"|' onload|\u001b|\u202e|\u061c/);
  assert.match(page, /&#60;script&#62;alert\(&#34;1&#34;\)/);
});

test('each branch of a delivery has a line that says what became of it', () => {
  const page = renderDeliveries({ limit: 100 }, [delivery], []);

  assert.equal(page.match(/<tr><td>/g)?.length, 2);
  assert.match(page, /not ended yet/);
  assert.match(page, /failed: BUILD_FAILED \(1970-01-01 00:01:00 UTC\)/);
});

test('what Redis could not keep has no job, and what became of it once that is known', () => {
  const [line] = delivery.branches;
  const pageOf = (ended: ShownDelivery['branches'][number]['ended']) =>
    renderDeliveries({ limit: 9 }, [{ ...delivery, branches: line ? [{ ...line, job: null, ended }] : [] }], []);

  assert.doesNotMatch(pageOf(null), /not ended yet/);
  const page = pageOf({ at: 6e4, outcome: 'built', reason: 'it was refused; healed by the sweep' });
  assert.match(page, /built: it was refused; healed by the sweep \(1970-01-01 00:01:00 UTC\)/);
});

test('of several branches each that has no job says why, which the answer does not', () => {
  const reason = 'a tag, not a branch';
  const tag = { branch: 'refs/tags/v1', commit: null, job: null, outcome: 'ignored', reason, ended: null };
  const pageOf = (branches: ShownDelivery['branches']) =>
    renderDeliveries({ limit: 9 }, [{ ...delivery, branches }], []);

  assert.match(pageOf([...delivery.branches, tag]), /<td>ignored: a tag, not a branch<\/td><\/tr>/);
  assert.doesNotMatch(pageOf([tag]), /ignored: a tag/, 'of one alone the answer has said it');
});

test('a full page leads to the older ones, with what was asked for', () => {
  const page = renderDeliveries({ project: 'demo', limit: 1 }, [delivery], []);

  assert.match(page, /href="\/deliveries\?project=demo&#38;before=7"/);
  assert.doesNotMatch(renderDeliveries({ limit: 2 }, [delivery], []), /older/);
});

test('of no hostile branch name does anything reach the page that is more than text', () => {
  const plain = 'zz-plain-zz';
  const pageOf = (name: string) => {
    const [first] = delivery.branches;
    const line = { ...delivery, delivery: plain, branches: first === undefined ? [] : [{ ...first, branch: name }] };
    return renderDeliveries({ branch: name, limit: 100 }, [line], []);
  };
  const tags = (html: string) => html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/ value="[^"<>]*"/, ''));
  const expected = tags(pageOf(plain));

  for (const name of hostileBranches((branch) => branch)) {
    const page = pageOf(name);
    assert.deepEqual(tags(page), expected, name);
    assert.doesNotMatch(page, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Bidi_Control}]/u, name);
  }
});

test('what was not signed has a heading that holds of the unsigned test of a forge too, which is answered 200', () => {
  assert.match(renderDeliveries({ limit: 100 }, [], [refusal]), /<h2>Not signed with a secret of the webhook<\/h2>/);
  assert.doesNotMatch(renderDeliveries({ limit: 100 }, [delivery], []), /<h2>/);
});
