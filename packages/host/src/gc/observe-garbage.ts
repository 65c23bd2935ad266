import { readlink, stat } from 'node:fs/promises';
import { describeError } from '@bough/core/app-error.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { GcDeployment, GcObserved } from '@bough/core/gc/plan-gc.ts';
import type { Layout } from '@bough/core/layout.ts';
import { parseUnitName, unitGlob } from '@bough/core/unit-name.ts';
import { namesIn } from '../if-there.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import type { Systemd } from '../systemd/systemd.ts';
import type { UnitFiles } from '../systemd/unit-files.ts';
import { folderBytes } from './folder-bytes.ts';
import { freeBytes } from './free-bytes.ts';

/** What looking for garbage needs of the host. */
export interface GarbageHost {
  readonly layout: Layout;
  readonly store: DeploymentStore;
  readonly unitFiles: Pick<UnitFiles, 'names'>;
  readonly systemd: Pick<Systemd, 'list'>;
  readonly now: () => Date;
}

/** Where Nix keeps a copy of each repository it reads (`getCacheDir` in its git fetcher). */
export function repositoryCopies(layout: Layout): string {
  return `${layout.nixCache}/nix/gitv3`;
}

/** Looks at everything a collection is planned from. A deployment that cannot be read is a problem and left alone. */
export async function observeGarbage(host: GarbageHost): Promise<GcObserved> {
  const deployments: GcDeployment[] = [];
  const problems: string[] = [];
  const seqs = await seqsWithUnits(host);
  for (const id of await host.store.list()) {
    try {
      deployments.push(await observeDeployment(host, id, seqs.get(deploymentKey(id)) ?? new Set()));
    } catch (error) {
      problems.push(`${deploymentKey(id)} is left alone: ${describeError(error)}`);
    }
  }
  return {
    deployments,
    problems,
    repositoryBytes: await folderBytes(repositoryCopies(host.layout)),
    freeBytes: await freeBytes(),
  };
}

/** Looks at one deployment again. */
export async function observeGarbageOf(host: GarbageHost, id: DeploymentId): Promise<GcDeployment> {
  return await observeDeployment(host, id, (await seqsWithUnits(host)).get(deploymentKey(id)) ?? new Set());
}

/** The releases that have a unit on disk or in systemd, by deployment. */
async function seqsWithUnits({ unitFiles, systemd }: GarbageHost): Promise<Map<string, Set<number>>> {
  const seqs = new Map<string, Set<number>>();
  for (const name of [...(await unitFiles.names()), ...(await systemd.list(unitGlob))]) {
    const parts = parseUnitName(name);
    if (parts === null) continue;
    const key = deploymentKey(parts);
    seqs.set(key, (seqs.get(key) ?? new Set()).add(parts.seq));
  }
  return seqs;
}

async function observeDeployment(host: GarbageHost, id: DeploymentId, withUnits: Set<number>): Promise<GcDeployment> {
  const { layout, store } = host;
  const roots = new Map<string, string>();
  for (const name of await namesIn(layout.releases(id))) {
    const target = await readlink(`${layout.releases(id)}/${name}`).catch(() => null); // a record is no link
    if (target !== null) roots.set(name, target);
  }
  const logs: { commit: string; bytes: number; ageSec: number }[] = [];
  for (const name of (await namesIn(layout.buildLogs(id))).filter((found) => found.endsWith('.log'))) {
    const { mtimeMs, size } = await stat(`${layout.buildLogs(id)}/${name}`);
    logs.push({ commit: name.slice(0, -'.log'.length), bytes: size, ageSec: (host.now().getTime() - mtimeMs) / 1000 });
  }
  return {
    id,
    roots,
    logs,
    deployment: await store.read(id),
    releases: await store.readReleases(id),
    seqsWithUnits: withUnits,
  };
}
