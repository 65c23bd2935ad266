import { readdir, readFile } from 'node:fs/promises';
import type { Layout } from '@bough/core/layout.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import { type Installation, systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';

/** Everything that belongs to no branch of the forge, or to no release that is kept, a sentence each. */
export async function findLeftovers(
  bough: Pick<Installation, 'layout' | 'repository'>,
  store: DeploymentStore,
  branches: readonly string[],
): Promise<string[]> {
  const { layout } = bough;
  const slugs = new Set(branches.map(slugOf));
  const kept = new Map<string, ReadonlySet<number>>();
  const commits = new Set<string>();
  for (const slug of slugs) {
    const releases = await store.readReleases({ project: 'demo', slug });
    kept.set(slug, new Set(releases.map(({ seq }) => seq)));
    for (const { commit } of releases) commits.add(commit);
  }
  const isKept = (unit: string): boolean => {
    const parts = parseUnitName(unit);
    return parts !== null && kept.get(parts.slug)?.has(parts.seq) === true;
  };
  const units = [...(await unitsOfSystemd()), ...(await list(layout.units)), ...(await list(layout.unitDir))];
  const pins = await bough.repository.pinsOf(layout.mirror('demo'));
  return [
    ...new Set(units.filter((unit) => unit.startsWith('bough-demo--') && !isKept(unit)).map((unit) => `unit ${unit}`)),
    ...(await foldersOf(layout)).filter(([, slug]) => !slugs.has(slug)).map(([kind, slug]) => `${kind} of ${slug}`),
    ...(await rootsOf(layout, slugs))
      .filter(([slug, seq]) => kept.get(slug)?.has(seq) !== true)
      .map((root) => `root ${root.join(' ')}`),
    ...pins.filter((commit) => !commits.has(commit)).map((commit) => `pin of ${commit}`),
    ...(await strayProcesses(isKept)),
  ];
}

async function unitsOfSystemd(): Promise<string[]> {
  const lines = await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--*');
  return lines.split('\n').map((line) => line.split(' ')[0] ?? '');
}

async function foldersOf(layout: Layout): Promise<[string, string][]> {
  const state = (await list(`${layout.deployments}/demo`)).map((slug): [string, string] => ['state', slug]);
  const sockets = (await list(`${layout.runtimeDir}/demo`)).map((slug): [string, string] => ['sockets', slug]);
  const boot = (await list(layout.bootRecords)).map((key): [string, string] => [
    'boot record',
    key.replace('demo--', ''),
  ]);
  return [...state, ...sockets, ...boot];
}

async function rootsOf(layout: Layout, slugs: ReadonlySet<string>): Promise<[string, number][]> {
  const roots: [string, number][] = [];
  for (const slug of slugs) {
    const names = await list(layout.releases({ project: 'demo', slug }));
    for (const name of names) if (/^\d+$/.test(name)) roots.push([slug, Number(name)]);
  }
  return roots;
}

/** Processes of apps outside the units of releases that are kept. */
async function strayProcesses(isKept: (unit: string) => boolean): Promise<string[]> {
  const strays: string[] = [];
  for (const pid of processesWith('-app/server.mjs')) {
    const group = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => null);
    const unit = group?.trim().split('/').at(-1) ?? '';
    if (group !== null && !isKept(unit)) strays.push(`process ${pid} in ${unit}`);
  }
  return strays;
}

async function list(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
