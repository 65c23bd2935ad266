import { AppError } from '@bough/core/app-error.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import { probe } from '@bough/host/reconcile/probe.ts';
import { servingRelease } from '@bough/host/state/serving.ts';
import type { Command } from '../command.ts';

/** `bough wake`. */
export const wake: Command = {
  name: 'wake',
  usage: 'PROJECT BRANCH',
  takes: [2, 2],
  summary: 'send a branch one request, which wakes it when it sleeps',
  about: ['It asks for the health path on the socket of the release that serves, past Caddy.'],
  options: {},
  async run({ config, store, layout }, { args: [project = '', branch = ''] }) {
    const id = await findDeployment(store, project, branch);
    const deployment = await store.read(id);
    const name = `${project} ${deployment?.branch ?? branch}`;
    if (deployment !== null && deployment.suspended !== null)
      throw new AppError('OPERATION_REFUSED', `${name} is suspended by ${deployment.suspended.by}; resume it first`);
    if (deployment !== null && deployment.expired !== null)
      throw new AppError('OPERATION_REFUSED', `${name} has expired: ${deployment.expired.why}; resume it first`);
    const seq = await servingRelease(layout, id);
    const release = (await store.readReleases(id)).find((each) => each.seq === seq);
    const health = release?.manifest.services['web']?.health;
    if (seq === null || health === undefined) throw new AppError('OPERATION_REFUSED', `no release of ${name} serves`);

    const url = config.projects[project]?.url;
    const began = performance.now();
    const host = url === undefined ? 'localhost' : new URL(url).host;
    const answer = await probe(layout.currentSocket(id), health.path, host, (health.timeoutSec + 5) * 1_000);
    const ms = Math.round(performance.now() - began);
    const value = { project, slug: id.slug, branch: deployment?.branch, release: seq, ms, ...answer };
    if ('error' in answer) return { value, failed: true, text: `${name}: gave no answer: ${answer.error}\n` };
    return { value, text: `${name}: release ${seq} answered ${answer.status} after ${(ms / 1000).toFixed(2)} s\n` };
  },
};
