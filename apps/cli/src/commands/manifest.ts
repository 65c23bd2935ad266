import { renderManifest } from '@bough/core/manifest/render-manifest.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import { AppError } from '@bough/core/app-error.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import type { Cli, Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** `bough manifest`. */
export const manifest: Command = {
  name: 'manifest',
  usage: 'PROJECT BRANCH [RELEASE]',
  takes: [2, 3],
  summary: 'show what a branch runs: its services, their commands, health checks and limits',
  about: ['Without RELEASE it is the desired one.'],
  options: {},
  async run(cli, { args: [project = '', branch = '', wanted] }) {
    if (wanted !== undefined && !/^[1-9]\d{0,8}$/.test(wanted))
      throw new UsageError(`${wanted} is no release's number`);
    const found = await recorded(cli, project, branch, wanted === undefined ? null : Number(wanted));
    return { value: found, text: renderManifest(found) };
  },
};

async function recorded({ store }: Cli, project: string, branch: string, wanted: number | null): Promise<Manifest> {
  const id = await findDeployment(store, project, branch);
  const seq = wanted ?? (await store.read(id))?.desired ?? null;
  if (seq === null) throw new AppError('OPERATION_REFUSED', `nothing of ${project} ${branch} was built yet`);
  const release = (await store.readReleases(id)).find((each) => each.seq === seq);
  if (release === undefined)
    throw new AppError('OPERATION_REFUSED', `${project} ${branch} keeps no release ${seq}; see bough releases`);
  return release.manifest;
}
