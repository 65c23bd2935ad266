import { readdir, readFile } from 'node:fs/promises';
import type { Layout } from '@bough/core/layout.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import { namesIn } from '@bough/host/if-there.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import { buildProcesses } from '../support/build-processes.ts';
import { type Installation, systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';

/** Everything that belongs to no branch of the forge, or to no release that is kept, a sentence each. */
export async function findLeftovers(
  { layout, repository }: Pick<Installation, 'layout' | 'repository'>,
  store: DeploymentStore,
  branches: readonly string[],
): Promise<string[]> {
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
  const units = [...(await unitsOfSystemd()), ...(await namesIn(layout.units)), ...(await namesIn(layout.unitDir))];
  const pins = await repository.pinsOf(layout.mirror('demo'));
  const heads = await repository.headsOf(layout.mirror('demo'));
  return [
    ...new Set(units.filter((unit) => unit.startsWith('bough-demo--') && !isKept(unit)).map((unit) => `unit ${unit}`)),
    ...(await foldersOf(layout)).filter(([, slug]) => !slugs.has(slug)).map(([kind, slug]) => `${kind} of ${slug}`),
    ...(await strayFiles(layout, kept)),
    ...pins.filter((commit) => !commits.has(commit)).map((commit) => `pin of ${commit}`),
    ...heads.filter((branch) => !branches.includes(branch)).map((branch) => `${branch} in the mirror`),
    ...(await repository.otherRefsOf(layout.mirror('demo'))).map((ref) => `${ref} in the mirror`),
    ...(await strayProcesses(isKept)),
    ...buildProcesses().map((line) => `process ${line}`),
  ];
}

async function unitsOfSystemd(): Promise<string[]> {
  const lines = await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--*');
  return lines.split('\n').map((line) => line.split(' ')[0] ?? '');
}

/** Where there is a folder or a file for each deployment, and whose each is. */
async function foldersOf(layout: Layout): Promise<[string, string][]> {
  const places: [string, string, string][] = [
    ['state', `${layout.deployments}/demo`, ''],
    ['sockets', `${layout.runtimeDir}/demo`, ''],
    ['boot record', layout.bootRecords, 'demo--'],
    ...['/var/lib', '/var/lib/private', '/var/cache', '/var/cache/private'].map((place): [string, string, string] => [
      `${place} of the app`,
      `${place}/bough-apps`,
      'demo--',
    ]),
  ];
  const found = await Promise.all(
    places.map(async ([kind, folder, before]) =>
      (await namesIn(folder)).map((name): [string, string] => [kind, name.replace(before, '')]),
    ),
  );
  return found.flat();
}

/** What a git that was killed leaves in the mirrors. The next one at work there removes it: only after that is it wrong. */
export async function findGitLeftovers({ mirrors }: Pick<Layout, 'mirrors'>): Promise<string[]> {
  const paths = await readdir(mirrors, { recursive: true });
  return paths
    .filter((path) => /\.lock$|\/objects\/(.*\/)?(tmp_|\.tmp-)/.test(path))
    .map((path) => `${mirrors}/${path}`);
}

/** What no name of ours explains in the folders of live branches, and what was only meant to be there for a moment. */
async function strayFiles(layout: Layout, kept: ReadonlyMap<string, ReadonlySet<number>>): Promise<string[]> {
  const strays: string[] = [];
  for (const [slug, seqs] of kept) {
    const id = { project: 'demo', slug };
    const roots = [...seqs].flatMap((seq) => [String(seq), `${seq}.json`]);
    const sockets = [...seqs].map((seq) => layout.releaseSocketName(seq, 'web'));
    strays.push(...(await othersThan(layout.releases(id), roots)));
    strays.push(...(await othersThan(layout.sockets(id), ['web.sock', 'status.html', ...sockets])));
  }
  const state = (await readdir(layout.stateDir, { recursive: true }))
    .filter((path) => !path.startsWith('cache/') && path.endsWith('.tmp'))
    .map((path) => `${layout.stateDir}/${path}`);
  const mirrors = await othersThan(layout.mirrors, ['demo.git']);
  const inHand = (await namesIn(layout.nixCache)).filter((name) =>
    `${layout.nixCache}/${name}`.startsWith(layout.rootInHand),
  );
  return [...strays, ...state, ...mirrors, ...inHand.map((name) => `${layout.nixCache}/${name}`)];
}

async function othersThan(folder: string, known: readonly string[]): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => !known.includes(name)).map((name) => `${folder}/${name}`);
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
