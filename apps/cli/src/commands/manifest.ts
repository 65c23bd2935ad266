import { renderManifest } from '@bough/core/manifest/render-manifest.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import { AppError } from '@bough/core/app-error.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import type { Alone, Cli, Command, Output } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** `bough manifest`. */
export const manifest: Command = {
  name: 'manifest',
  usage: 'FLAKE | PROJECT BRANCH [RELEASE]',
  takes: [1, 3],
  summary: 'show what a branch runs: its services, their commands, health checks and limits',
  about: [
    'Of a release on record; without RELEASE the desired one.',
    'FLAKE is a reference such as `.`, `.#attribute`, `/path` or `git+file:///path?ref=branch`. It is evaluated and built here, as\nyou and within the limits of a worker: the lock file must be committed, no registry is asked, and the flake changes no\nsettings. This needs no configuration, and shows what a push would run, or all that is wrong with it.',
  ],
  options: {},
  runAlone: (host, { args: [flake = '', branch] }) => (branch === undefined ? built(host, flake) : null),
  async run(cli, { args: [project = '', branch = '', wanted] }) {
    if (wanted !== undefined && !/^[1-9]\d{0,8}$/.test(wanted))
      throw new UsageError(`${wanted} is no release's number`);
    const found = await recorded(cli, project, branch, wanted === undefined ? null : Number(wanted));
    return { value: found, text: renderManifest(found) };
  },
};

/** Loads what runs Nix when asked for: most commands are done sooner than that. */
async function built(host: Alone, text: string): Promise<Output> {
  const { manifestOfFlake } = await import('../manifest-of-flake.ts');
  const found = await manifestOfFlake(host, text);
  return { value: found, text: renderManifest(found) };
}

async function recorded({ store }: Cli, project: string, branch: string, wanted: number | null): Promise<Manifest> {
  const id = await findDeployment(store, project, branch);
  const seq = wanted ?? (await store.read(id))?.desired ?? null;
  if (seq === null) throw new AppError('OPERATION_REFUSED', `nothing of ${project} ${branch} was built yet`);
  const release = (await store.readReleases(id)).find((each) => each.seq === seq);
  if (release === undefined)
    throw new AppError('OPERATION_REFUSED', `${project} ${branch} keeps no release ${seq}; see bough releases`);
  return release.manifest;
}
