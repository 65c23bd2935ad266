import type { DeploymentId } from '../deployment-id.ts';
import { dutyOf } from '../systemd/unit-duty.ts';
import { parseUnitName } from '../unit-name.ts';
import type { Release } from './release.ts';

/** What a reboot brings back of a deployment, without Node or Redis: the units of the release that serves. */
export interface BootRecord {
  readonly seq: number;
  /** All its units, in order of their names. */
  readonly units: readonly string[];
  /** Those of them that are started: what sleeps or runs at times is only linked. */
  readonly starts: ReadonlySet<string>;
}

const header = 'bough-boot 1';

/** The boot record of a release that serves; `null` while its units were never rendered. `isAsleep`: see `dutyOf`. */
export function bootRecordOf({ seq, units }: Pick<Release, 'seq' | 'units'>, isAsleep: boolean): BootRecord | null {
  if (units === undefined) return null;
  const names = Object.keys(units).toSorted();
  const starts = names.filter((name) => dutyOf(name, units[name] ?? '', isAsleep) === 'stays');
  return { seq, units: names, starts: new Set(starts) };
}

/**
 * The record as `packages/host/boot/restore.sh` reads it: a version, a line `start UNIT` or `link UNIT` for each unit,
 * and the socket requests are led to.
 */
export function renderBootRecord({ seq, units, starts }: BootRecord): string {
  const lines = units.map((unit) => `${starts.has(unit) ? 'start' : 'link'} ${unit}`);
  return [header, ...lines, `serve r${seq}-web.sock`, ''].join('\n');
}

/**
 * The inverse of `renderBootRecord`; `null` for any text that is not the record of this deployment. The same rules as
 * the script's, which a test compares: names of units of one release of this very deployment, and nothing else.
 */
export function parseBootRecord(id: DeploymentId, text: string): BootRecord | null {
  const lines = text.split('\n');
  const seq = Number(/^serve r([1-9][0-9]{0,8})-web\.sock$/.exec(lines.at(-2) ?? '')?.[1]);
  if (lines[0] !== header || lines.at(-1) !== '' || Number.isNaN(seq)) return null;
  const units: string[] = [];
  const starts = new Set<string>();
  for (const line of lines.slice(1, -2)) {
    const [, verb, unit = ''] = /^(link|start) (\S+)$/.exec(line) ?? [];
    const parts = parseUnitName(unit);
    if (parts === null || parts.project !== id.project || parts.slug !== id.slug || parts.seq !== seq) return null;
    if (units.includes(unit)) return null;
    units.push(unit);
    if (verb === 'start') starts.add(unit);
  }
  return units.length === 0 ? null : { seq, units, starts };
}
