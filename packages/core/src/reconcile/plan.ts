import type { Release } from '../state/release.ts';
import { parseUnitName } from '../unit-name.ts';
import type { Observed, ObservedUnit } from './observed.ts';
import type { Settled } from './settle.ts';
import type { Step } from './step.ts';

/** What a plan starts from: the decision of `settle`, the units of its target, and whether the branch is there. */
export interface Desired extends Settled {
  readonly present: boolean;
  readonly branch: string;
  /** The rendered units of `target`, text by name; empty without one. */
  readonly units: ReadonlyMap<string, string>;
}

/** A plan, and what differs but is a person's doing: told, never fought. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly drift: readonly string[];
}

/**
 * Compares desired and observed state. Pure and total: the same input gives the same plan, and a plan carried out leaves
 * an empty one. Order: root before unit, unit before symlink; the reverse when taking down.
 */
export function plan(desired: Desired, observed: Observed): Plan {
  const drift = driftOf(desired, observed);
  const blocked = desired.target !== null && drift.length > 0 && isBlocked(desired, observed);
  const up = desired.target === null || blocked ? [] : bringUp(desired.target, desired, observed);
  const steps = [...up, ...(blocked ? [] : takeDown(desired, observed)), ...(desired.present ? retire(desired) : [])];
  return { steps, drift };
}

function bringUp(target: Release, desired: Desired, observed: Observed): Step[] {
  const { seq, outPath } = target;
  const steps: Step[] = [];
  if (!observed.roots.has(seq)) steps.push({ kind: 'hold-root', seq, outPath, reason: 'it has no GC root' });

  const edited = [...desired.units]
    .filter(([unit, text]) => isUpByAnotherText(observed.units.get(unit), text))
    .map(([unit]) => unit);
  // Stopped before their text is mended: once mended, nothing would show any more that they run by another one.
  if (edited.length > 0)
    steps.push({ kind: 'stop-units', units: edited, reason: 'their text was edited, they may run by it' });

  let mustReload = false;
  for (const [unit, text] of desired.units) {
    const found = observed.units.get(unit);
    if (found?.text !== text) {
      steps.push({
        kind: 'write-unit',
        unit,
        text,
        reason: found?.text == null ? 'it is not there' : 'its text was edited',
      });
      // A unit systemd never loaded needs no reload.
      if (found?.load === 'loaded') mustReload = true;
    }
    if (found?.link !== 'linked') steps.push({ kind: 'link-unit', unit, reason: 'systemd cannot find it' });
    if (found?.needsReload === true) mustReload = true;
  }
  if (mustReload) steps.push({ kind: 'reload-systemd', reason: 'it remembers another text of a unit' });

  const down = [...desired.units.keys()].filter((unit) => {
    const found = observed.units.get(unit);
    return (
      edited.includes(unit) ||
      found === undefined ||
      (found.active === 'failed' ? true : startsWithRelease(unit) && !isUp(found))
    );
  });
  const failed = down.filter((unit) => observed.units.get(unit)?.active === 'failed');
  if (down.length > 0)
    steps.push({ kind: 'start-units', seq, units: down.filter(startsWithRelease), failed, reason: desired.reason });

  const toVerify =
    target.verdict.state === 'pending' ? 'it was never verified' : down.length > 0 ? 'it was started' : null;
  if (toVerify !== null) steps.push({ kind: 'verify', seq, reason: toVerify });
  if (observed.serving !== seq) steps.push({ kind: 'switch', seq, reason: desired.reason });
  return steps;
}

/**
 * Stops and forgets every unit that is not the target's. Without a target only the unfit release goes: what else runs
 * (its record may be lost) still serves and stays until something fit takes its place. A branch that is gone loses all.
 */
function takeDown(desired: Desired, observed: Observed): Step[] {
  const { target, reason } = desired;
  const steps: Step[] = [];
  const goes = (name: string) =>
    desired.present && target === null ? parseUnitName(name)?.seq === desired.unfit : !desired.units.has(name);
  const others = [...observed.units.values()].filter((unit) => goes(unit.name) && isOurs(unit));
  const running = others
    .filter((unit) => unit.active !== 'inactive' && unit.active !== 'failed')
    .map(({ name }) => name);

  const leadsNowhere = !desired.present || (desired.unfit !== null && observed.serving === desired.unfit);
  if (target === null && observed.hasCurrentSocket && leadsNowhere) steps.push({ kind: 'withdraw', reason });
  const served = running.some((name) => parseUnitName(name)?.seq === observed.serving);
  if (served && target !== null)
    steps.push({ kind: 'drain', reason: `release ${observed.serving} may be answering still` });
  if (running.length > 0)
    steps.push({
      kind: 'stop-units',
      units: running,
      reason: target === null ? reason : `release ${target.seq} serves`,
    });
  if (!desired.present) {
    const cleaner = others.find(({ name, load }) => parseUnitName(name)?.role === 'process' && load === 'loaded');
    if (cleaner !== undefined) steps.push({ kind: 'clean-app', unit: cleaner.name, reason });
  }
  for (const { name } of others)
    steps.push({ kind: 'forget-unit', unit: name, reason: target === null ? reason : `release ${target.seq} serves` });
  if (!desired.present) {
    if (observed.hasSocketFolder) steps.push({ kind: 'remove-sockets', reason });
    for (const seq of desired.drop) steps.push({ kind: 'remove-release', seq, reason });
    steps.push({ kind: 'remove-deployment', branch: desired.branch, reason });
  }
  return steps;
}

function retire(desired: Desired): Step[] {
  return desired.drop.map((seq) => ({ kind: 'remove-release', seq, reason: 'enough newer releases are kept' }));
}

function driftOf(desired: Desired, observed: Observed): string[] {
  const drift: string[] = [];
  for (const unit of desired.units.keys()) {
    const found = observed.units.get(unit);
    if (found === undefined) continue;
    if (found.load === 'masked')
      drift.push(`${unit} is masked: it is left alone; \`systemctl unmask\` it to let Bough start it`);
    if (found.link === 'foreign')
      drift.push(`a file that is not Bough's lies where ${unit} is linked: it is left alone; remove it`);
    if (found.dropIns.length > 0) drift.push(`${unit} is changed by ${found.dropIns.join(', ')}`);
  }
  return drift;
}

/** Whether a person's doing keeps the target from being started. */
function isBlocked(desired: Desired, observed: Observed): boolean {
  return [...desired.units.keys()].some((unit) => {
    const found = observed.units.get(unit);
    return found?.load === 'masked' || found?.link === 'foreign';
  });
}

/** The proxy starts with the first connection; all else starts with the release. */
function startsWithRelease(unit: string): boolean {
  return parseUnitName(unit)?.role !== 'proxy';
}

/** A mask without a file of ours is a person's doing alone. */
function isOurs({ load, link, text }: ObservedUnit): boolean {
  return load !== 'masked' || link === 'linked' || text !== null;
}

function isUpByAnotherText(unit: ObservedUnit | undefined, text: string): boolean {
  return unit !== undefined && unit.text !== null && unit.text !== text && isUp(unit);
}

function isUp(unit: ObservedUnit): boolean {
  return unit.active === 'active' || unit.active === 'activating' || unit.active === 'reloading';
}
