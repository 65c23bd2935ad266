// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BranchName } from '@bough/core/branch-name.ts';
import { slugOf } from '@bough/host/slug.ts';
import { forgeHeaders } from '../support/forge-deliveries.ts';
import { hostileBranches, sameSlug } from '../support/hostile-branches.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';

const secret = 'the secret of the hook';
const rig = useReceiver({ hostile: { secrets: [secret], settings: { forge: 'git', exclude: [] } } });
const all = [...hostileBranches(slugOf), ...sameSlug];
const accepted = all.filter((branch) => BranchName.safeParse(branch).success);

test('of five hundred hostile names, each that git takes has one job of its own, and each other a reason', async () => {
  const endings = [];
  for (let from = 0; from < all.length; from += 100) {
    const changes = all
      .slice(from, from + 100)
      .map((branch) => ({ ref: `refs/heads/${branch}`, before: 'a'.repeat(40), after: 'b'.repeat(40) }));
    const body = JSON.stringify({ changes });
    const headers = forgeHeaders('git', { event: 'push', delivery: `names-${from}`, secret, body });
    const answer = await rig.receiver.send('hostile', headers, body);
    assert.ok(answer.status === 202 || answer.status === 200, JSON.stringify(answer.body));
    endings.push(...(answer.body.refs ?? []));
  }

  assert.equal(endings.length, all.length);
  const queued = endings.filter(({ outcome }) => outcome === 'queued');
  assert.equal(new Set(queued.map(({ job }) => job)).size, accepted.length);
  for (const { job } of queued) assert.match(job ?? '', /^delivery-hostile--names-\d+--[a-z0-9-]{1,64}$/);
  for (const { ref, outcome, reason } of endings) {
    if (outcome !== 'queued') assert.ok(outcome === 'ignored' && reason?.startsWith('the branch name '), ref);
  }
  const waiting = await rig.queues.waiting();
  assert.deepEqual(new Set(waiting.map(({ branch }) => branch)), new Set(accepted));
  assert.equal(waiting.length, accepted.length);
});

test('the log is one line of JSON for each delivery, and none of it could command a terminal', async () => {
  await rig.receiver.send('hostile', { 'x-bough-event': '\u009b2J', 'x-bough-delivery': '\u009d0;x' }, '');
  await rig.receiver.send(encodeURIComponent('\u009b2J\u202e\u061c'), {}, '');
  await until('all are logged', () => rig.receiver.log.length > all.length / 100 + 2);
  const text = rig.receiver.log.map((line) => JSON.stringify(line)).join('');
  assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
});
