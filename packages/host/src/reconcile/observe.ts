import { access, readlink, stat } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { Observed, ObservedUnit } from '@bough/core/reconcile/observed.ts';
import type { Release } from '@bough/core/state/release.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import { nullIfMissing } from '../if-there.ts';
import type { Systemd } from '../systemd/systemd.ts';
import type { UnitFiles } from '../systemd/unit-files.ts';
import type { UnitsView } from './units-view.ts';

/** What observing needs of the host. */
export interface ObserveHost {
  readonly layout: Layout;
  readonly systemd: Systemd;
  readonly unitFiles: UnitFiles;
}

/** Reads the observed state of one deployment. `expected` are the units it should have, so that masks are seen too. */
export async function observe(
  host: ObserveHost,
  id: DeploymentId,
  releases: readonly Release[],
  expected: Iterable<string>,
  view: UnitsView,
): Promise<Observed> {
  const { layout } = host;
  const names = new Set([...expected, ...(await view.namesOf(id))]);
  const shown = new Map((await view.show([...names])).map((state) => [state.name, state]));

  const units = new Map<string, ObservedUnit>();
  for (const name of names) {
    const state = shown.get(name);
    const text = await host.unitFiles.text(name);
    const link = await host.unitFiles.link(name);
    const isNowhere = text === null && link === 'missing' && state?.load === 'not-found' && state.active === 'inactive';
    if (state === undefined || isNowhere) continue;
    units.set(name, { ...state, text, link, isDeaf: state.active === 'active' && (await lacksSocket(layout, name)) });
  }

  const roots = new Set<number>();
  for (const { seq, outPath } of releases) {
    if (await isRoot(layout.releaseRoot(id, seq), outPath)) roots.add(seq);
  }
  const current = await readlink(layout.currentSocket(id)).catch(nullIfMissing);
  return {
    units,
    roots,
    serving: seqOf(current),
    hasCurrentSocket: current !== null,
    hasSocketFolder: (await stat(layout.sockets(id)).catch(nullIfMissing)) !== null,
  };
}

async function lacksSocket(layout: Layout, unit: string): Promise<boolean> {
  const parts = parseUnitName(unit);
  if (parts?.role !== 'socket') return false;
  return (await stat(layout.releaseSocket(parts, parts.seq, parts.service)).catch(nullIfMissing)) === null;
}

async function isRoot(root: string, outPath: string): Promise<boolean> {
  const target = await readlink(root).catch(nullIfMissing);
  if (target !== outPath) return false;
  return await access(outPath).then(
    () => true,
    () => false,
  );
}

function seqOf(target: string | null): number | null {
  const seq = /^r(\d+)-web\.sock$/.exec(target ?? '')?.[1];
  return seq === undefined ? null : Number(seq);
}
