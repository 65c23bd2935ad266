import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { BranchName } from '@bough/core/branch-name.ts';
import { createMirror } from '@bough/host/git/mirror.ts';
import { slugOf } from '@bough/host/slug.ts';
import { hostileBranches } from '../support/hostile-branches.ts';
import { addPacked, apart, gitIn, headsOf, makeHostileRemote } from '../support/hostile-remote.ts';
import { tempHost } from '../support/temp-host.ts';

const all = hostileBranches(slugOf);
const accepted = all.filter((branch) => BranchName.safeParse(branch).success);
const byName = (heads: ReadonlyMap<string, string>) => [...heads].toSorted(([a], [b]) => (a < b ? -1 : 1));
/** Those a command of git is run for: one for each of fourteen hundred would take minutes. */
const isAsked = (branch: string, index: number) => index % (/[^a-z0-9-]/.test(branch) ? 3 : 20) === 0;

suite('real repositories with every hostile name that is taken', () => {
  for (const [group, branches] of apart(accepted).entries()) {
    test(`group ${group + 1}, ${branches.length} names: all listed and fetched, and each that is read, forgotten or pinned is itself alone`, async (t) => {
      const { folder, layout, run } = tempHost(t);
      const mirror = createMirror({ layout, run, fetchTimeoutMs: 60_000 });
      const remote = `${folder}/remote.git`;
      makeHostileRemote(remote, branches);
      const heads = headsOf(remote);
      assert.deepEqual(new Set(heads.keys()), new Set(branches));

      const listed = await mirror.lsRemote(remote);
      await mirror.fetch('app', remote);

      assert.deepEqual(byName(listed), byName(heads));
      assert.deepEqual(byName(headsOf(layout.mirror('app'))), byName(heads));
      const asked = branches.filter(isAsked);
      for (const branch of asked) {
        const head = await mirror.head('app', branch);
        assert.deepEqual(head, { commit: heads.get(branch), message: `${branch}\n` });
      }

      const gone = new Set(asked.filter((_, at) => at % 2 === 0));
      const pinned = asked.slice(0, 20).map((branch) => heads.get(branch) ?? '');
      for (const commit of pinned) await mirror.pin('app', commit);
      for (const branch of gone) await mirror.forgetHead('app', branch);

      const left = new Map([...heads].filter(([branch]) => !gone.has(branch)));
      assert.deepEqual(byName(headsOf(layout.mirror('app'))), byName(left));
      assert.deepEqual(new Set(await mirror.pinned('app')), new Set(pinned));
      assert.deepEqual(byName(headsOf(remote)), byName(heads)); // nothing is ever done to the remote
    });
  }
});

suite('names git has and Bough does not take', () => {
  test('they are left out, and every other branch is fetched', async (t) => {
    const { folder, layout, run } = tempHost(t);
    const mirror = createMirror({ layout, run, fetchTimeoutMs: 60_000 });
    const remote = `${folder}/remote.git`;
    const [known = []] = apart(all.filter(isKnownToGit));
    makeHostileRemote(remote, [...known, 'main', 'zz-last']);
    const heads = headsOf(remote);

    const listed = await mirror.lsRemote(remote);
    await mirror.fetch('app', remote);

    assert.ok(known.length >= 30, `${known.length} names`);
    assert.deepEqual([...listed.keys()].toSorted(), ['main', 'zz-last']);
    for (const branch of ['main', 'zz-last'])
      assert.equal((await mirror.head('app', branch))?.commit, heads.get(branch));
  });

  for (const [what, branch] of [
    ['255 bytes', 'x'.repeat(255)],
    ['251 bytes below a folder', `b/${'ü'.repeat(125)}x`],
    ['251 bytes that are no text', Buffer.from(`b\u00ff${'x'.repeat(249)}`, 'latin1')],
  ] as const) {
    test(`a name of ${what}, of which git can make no file, keeps no other branch from being fetched, and no mirror is made anew`, async (t) => {
      const { folder, layout, run } = tempHost(t);
      const mirror = createMirror({ layout, run, fetchTimeoutMs: 60_000 });
      const remote = `${folder}/remote.git`;
      makeHostileRemote(remote, ['a', 'gone', 'z']);
      await mirror.fetch('app', remote);
      gitIn(layout.mirror('app'), ['config', 'bough.mark', 'this one']);
      const first = headsOf(remote).get('a') ?? '';
      gitIn(remote, ['update-ref', '-d', 'refs/heads/gone']);
      gitIn(remote, ['update-ref', 'refs/heads/z', first]);
      addPacked(remote, branch, first);

      await mirror.fetch('app', remote);

      const usable = [
        ['a', first],
        ['z', first],
      ] as const;
      assert.deepEqual(byName(await mirror.lsRemote(remote)), usable);
      assert.deepEqual(byName(headsOf(layout.mirror('app'))), usable);
      assert.equal(gitIn(layout.mirror('app'), ['config', 'bough.mark']), 'this one\n');
    });
  }
});

function isKnownToGit(branch: string): boolean {
  const reason = BranchName.safeParse(branch).error?.issues[0]?.message ?? '';
  return branch.isWellFormed() && /^(is not Unicode|holds a character)/.test(reason);
}
