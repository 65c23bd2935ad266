import type { Release } from '@bough/core/state/release.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import { servingRelease } from '@bough/host/state/serving.ts';
import type { Command } from '../command.ts';
import { renderAge } from '../render-age.ts';
import { renderTable } from '../render-table.ts';

/** `bough releases`. */
export const releases: Command = {
  name: 'releases',
  usage: 'PROJECT BRANCH',
  takes: [2, 2],
  summary: 'list the releases of a branch that are kept, newest first',
  about: ['A verified one can be rolled back to.'],
  options: {},
  async run({ store, layout }, { args: [project = '', branch = ''] }) {
    const id = await findDeployment(store, project, branch);
    const desired = (await store.read(id))?.desired ?? null;
    const serving = await servingRelease(layout, id);
    const all = (await store.readReleases(id)).toReversed();
    const value = all.map((release) => ({
      ...release,
      units: undefined, // pages of text nobody asks for
      serving: release.seq === serving,
      desired: release.seq === desired,
    }));
    const rows = all.map((release) => [
      String(release.seq),
      release.commit.slice(0, 12),
      `${renderAge(release.builtAt, Date.now())} ago`,
      `${(release.buildMs / 1000).toFixed(1)} s`,
      release.asked.by,
      renderVerdict(release),
      marksOf(release, serving, desired),
    ]);
    const head = ['release', 'commit', 'built', 'took', 'asked by', 'verdict', ''];
    return { value, text: all.length === 0 ? 'no release is kept\n' : renderTable(head, rows) };
  },
};

function marksOf({ seq, rotation }: Release, serving: number | null, desired: number | null): string {
  return [
    ...(seq === serving ? ['serves'] : []),
    ...(seq === desired ? ['desired'] : []),
    ...(rotation === undefined ? [] : [`renews ${rotation.of}`]),
  ].join(', ');
}

function renderVerdict({ verdict }: Release): string {
  return verdict.state === 'failed' ? `failed: ${verdict.code}` : verdict.state;
}
