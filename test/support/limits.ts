import { readFile } from 'node:fs/promises';
import { Deployment } from '@bough/core/state/deployment.ts';
import { bough as command } from './command-line.ts';
import { type Installation, systemctl } from './installation.ts';

export const idOf = (slug: string) => ({ project: 'demo', slug });

/** The units of processes that run, without what stands in front of them. */
export async function running(): Promise<string[]> {
  const units = await systemctl('list-units', '--state=running', '--plain', '--no-legend', 'bough-demo--*--r*.service');
  return [...units.matchAll(/^bough-demo--(\S+)--r\d+-([a-z]+)\.service/gm)]
    .map(([, slug, service]) => (service === 'web' ? `${slug}` : `${slug} ${service}`))
    .toSorted();
}

/** What the state file of a branch of `demo` says. */
export const record = async (bough: Installation, slug: string) =>
  Deployment.parse(JSON.parse(await readFile(bough.layout.deploymentFile(idOf(slug)), 'utf8')));
/** Jobs that failed over what is tried here; the first sweep of an installation may fail, over a repository without a branch. */
export const failures = async ({ reconciles }: Installation) =>
  (await reconciles.getFailed())
    .map(({ name, failedReason }) => `${name}: ${failedReason}`)
    .filter((failure) => failure.startsWith('reconcile:') || failure.includes('limits of demo'));
/** What `bough status --json` says of a branch of `demo`. */
export const statusOf = async (slug: string) =>
  JSON.parse((await command(['status', 'demo', slug, '--json'])).stdout).deployments[0];

/** Pushes each, once the one before is live; the text of each is its branch's name. */
export async function pushAll(bough: Installation, branches: Record<string, Record<string, string>>): Promise<void> {
  for (const [branch, files] of Object.entries(branches)) {
    await bough.push(branch, files);
    await bough.untilServes(branch, branch);
    await bough.untilIdle();
  }
}
