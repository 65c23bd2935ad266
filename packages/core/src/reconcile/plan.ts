import type { Release } from '../state/release.ts';
import { dutyOf } from '../systemd/unit-duty.ts';
import { parseUnitName } from '../unit-name.ts';
import { blocksOf, dropInsOf } from './drift.ts';
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

/** A plan, and what differs but is a person's doing: told, never fought. `blocks`: what of that keeps the target from starting. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly drift: readonly string[];
  readonly blocks: readonly string[];
}

/**
 * Compares desired and observed state. Pure and total: the same input gives the same plan, and a plan carried out leaves
 * an empty one. Order: root before unit, unit before symlink; the reverse when taking down.
 */
export function plan(desired: Desired, observed: Observed): Plan {
  const found = [...desired.units.keys()].flatMap((unit) => observed.units.get(unit) ?? []);
  const blocks = found.flatMap(blocksOf);
  const drift = [...blocks, ...found.flatMap(dropInsOf)];
  const blocked = desired.target !== null && blocks.length > 0;
  const room = desired.target?.manifest.strategy === 'replace' ? makeRoom(desired, observed) : [];
  const up = desired.target === null || blocked ? [] : bringUp(desired.target, desired, observed, room);
  const isRoomMade = room.some((step) => up.includes(step));
  // Nothing is retired while the target cannot be verified: what is old may be what serves.
  const rest = blocked ? [] : [...takeDown(desired, observed, isRoomMade), ...(desired.present ? retire(desired) : [])];
  return { steps: [...up, ...rest], drift, blocks };
}

/** `room`: the steps that end what must not overlap with the target, taken where anything of it is to be started. */
function bringUp(target: Release, desired: Desired, observed: Observed, room: readonly Step[]): Step[] {
  const { seq, outPath } = target;
  const steps: Step[] = [];
  if (!observed.roots.has(seq)) steps.push({ kind: 'hold-root', seq, outPath, reason: 'it has no GC root' });

  const edited = [...desired.units]
    .filter(([unit, text]) => isUpByAnotherText(observed.units.get(unit), text))
    .map(([unit]) => unit);
  // Stopped before their text is mended: once mended, nothing would show any more that they run by another one.
  if (edited.length > 0)
    steps.push({ kind: 'stop-units', units: edited, reason: 'their text was edited, they may run by it' });

  const deaf = deafUnits(desired, observed, edited).filter((unit) => !edited.includes(unit));
  if (deaf.length > 0) steps.push({ kind: 'stop-units', units: deaf, reason: 'nobody can reach their socket' });

  const { down, units, failed } = toStart(target, desired, observed, new Set([...edited, ...deaf]));
  const roomMade = units.length > 0 || observed.serving !== seq ? room : [];

  let mustReload = false;
  const links: Step[] = [];
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
    if (found?.link !== 'linked') links.push({ kind: 'link-unit', unit, reason: 'systemd cannot find it' });
    if (found?.needsReload === true) mustReload = true;
  }
  // Their text is immutable: what was verified once has been checked.
  if (links.length > 0 && target.verdict.state === 'pending')
    steps.push({ kind: 'check-units', seq, units: [...desired.units.keys()], reason: 'they are new' });
  steps.push(...links);
  if (mustReload) steps.push({ kind: 'reload-systemd', reason: 'it remembers another text of a unit' });

  steps.push(...roomMade);
  const setups = [...desired.units.keys()].filter((unit) => parseUnitName(unit)?.role === 'setup');
  if (setups.length > 0 && target.verdict.state === 'pending' && !target.prepared)
    steps.push({ kind: 'prepare', seq, units: setups, reason: 'its preStart has not run yet' });

  if (down.length > 0) steps.push({ kind: 'start-units', seq, units, failed, reason: desired.reason });

  const toVerify =
    target.verdict.state === 'pending' ? 'it was never verified' : down.length > 0 ? 'it was started' : null;
  // Visitors wait meanwhile, and nothing else could answer them: should it not last, the probation finds out.
  const settles = roomMade.length === 0;
  if (toVerify !== null) steps.push({ kind: 'verify', seq, settles, reason: toVerify });
  if (observed.serving !== seq) steps.push({ kind: 'switch', seq, reason: desired.reason });
  return steps;
}

/** Which units of the target are to be started, and what of it is down: also what something else starts and has failed. */
function toStart(
  { seq, verdict }: Release,
  desired: Desired,
  observed: Observed,
  stopped: ReadonlySet<string>,
): { down: string[]; units: string[]; failed: string[] } {
  const isNew = verdict.state === 'pending' || observed.serving !== seq;
  const mustBeUp = (unit: string, text: string, isAsleep: boolean) => {
    const duty = dutyOf(unit, text, isAsleep);
    return duty === 'stays' || (duty === 'wakes' && isNew);
  };
  const downOf = (isAsleep: boolean) =>
    [...desired.units].filter(([unit, text]) => {
      const found = observed.units.get(unit);
      if (!mustBeUp(unit, text, isAsleep)) return found?.active === 'failed' && isWoken(unit, text);
      if (stopped.has(unit) || found === undefined) return true;
      // One that is still starting (a worker before us asked for it) is started again, which waits for it.
      return !isUp(found) || found.active === 'activating';
    });
  // What the limits put to sleep is left asleep only while nothing else is to be done about it: to be verified it must run.
  const sleepsOn = desired.isAsleep && !isNew && downOf(true).length === 0;
  const down = downOf(sleepsOn);
  // One between two restarts has used up some of its starts; ours must not be the one too many.
  const failed = down
    .map(([unit]) => unit)
    .filter((unit) => {
      const found = observed.units.get(unit);
      return found?.active === 'failed' || found?.sub.startsWith('auto-restart') === true;
    });
  const units = down.filter(([unit, text]) => mustBeUp(unit, text, sleepsOn)).map(([unit]) => unit);
  return { down: down.map(([unit]) => unit), units, failed };
}

/**
 * Stops and forgets every unit that is not the target's. Without a target only what is known to be unfit or out of date
 * goes: what else runs (its record may be lost) still serves and stays until something fit takes its place. A branch that
 * is gone loses all.
 */
function takeDown(desired: Desired, observed: Observed, isRoomMade: boolean): Step[] {
  const { target, reason } = desired;
  const steps: Step[] = [];
  const isKnownToGo = (seq = 0) => seq === desired.unfit || desired.drop.includes(seq);
  const goes = (name: string) =>
    !desired.clears && target === null ? isKnownToGo(parseUnitName(name)?.seq) : !desired.units.has(name);
  const others = [...observed.units.values()].filter((unit) => goes(unit.name) && isOurs(unit));
  const running = others
    .filter((unit) => !isRoomMade && unit.active !== 'inactive' && unit.active !== 'failed')
    .map(({ name }) => name);

  const leadsNowhere = desired.clears || (observed.serving !== null && isKnownToGo(observed.serving));
  if (target === null && observed.hasCurrentSocket && leadsNowhere) steps.push({ kind: 'withdraw', reason });
  // Not only what serves now: a run before this one may have ended between its switch and its drain.
  const served = running.map((name) => parseUnitName(name)?.seq ?? 0).filter((seq) => seq !== desired.unfit);
  if (served.length > 0 && target !== null)
    steps.push({ kind: 'drain', reason: `release ${Math.max(...served)} may be answering still` });
  if (running.length > 0)
    steps.push({
      kind: 'stop-units',
      units: running,
      reason: target === null ? reason : `release ${target.seq} serves`,
    });
  if (!desired.present) steps.push(...cleanApp(desired, others));
  for (const { name } of others)
    steps.push({ kind: 'forget-unit', unit: name, reason: target === null ? reason : `release ${target.seq} serves` });
  if (!desired.present) {
    if (observed.hasSocketFolder) steps.push({ kind: 'remove-sockets', reason });
    for (const seq of desired.drop) steps.push({ kind: 'remove-release', seq, reason });
    steps.push({ kind: 'remove-deployment', branch: desired.branch, reason });
  }
  return steps;
}

/** Only through a unit: systemd knows where the folders of its app are. One that was forgotten is put back for it. */
function cleanApp({ cleaner, reason }: Desired, others: readonly ObservedUnit[]): Step[] {
  const loaded = others.find(({ name, load }) => parseUnitName(name)?.role === 'process' && load === 'loaded');
  if (loaded !== undefined) return [{ kind: 'clean-app', unit: loaded.name, reason }];
  if (cleaner === null) return [];
  const { unit, text } = cleaner;
  const found = others.find(({ name }) => name === unit);
  if (found?.link === 'foreign') return [];
  return [
    { kind: 'write-unit', unit, text, reason },
    ...(found?.link === 'linked' ? [] : [{ kind: 'link-unit', unit, reason } as const]),
    { kind: 'clean-app', unit, reason },
    ...(found === undefined ? [{ kind: 'forget-unit', unit, reason } as const] : []),
  ];
}

function retire(desired: Desired): Step[] {
  return desired.drop.map((seq) => ({ kind: 'remove-release', seq, reason: 'enough newer releases are kept' }));
}

/**
 * What is up of a service whose socket nobody can reach, for its file is gone, or it was stopped by somebody or is now: systemd opens
 * it again only with all of it stopped ("already active, refusing").
 */
function deafUnits(desired: Desired, observed: Observed, stopped: readonly string[]): string[] {
  const names = [...desired.units.keys()];
  const serviceOf = (name: string) => parseUnitName(name)?.service;
  const isDeaf = (name: string) => {
    const found = observed.units.get(name);
    const isReached = found !== undefined && isUp(found) && !found.isDeaf && !stopped.includes(name);
    return parseUnitName(name)?.role === 'socket' && !isReached;
  };
  const deaf = new Set(names.filter(isDeaf).map(serviceOf));
  return names.filter((name) => {
    const found = observed.units.get(name);
    return deaf.has(serviceOf(name)) && found !== undefined && isUp(found);
  });
}

/** Whether a connection starts it: a failure of it keeps visitors out. What runs at times may fail until the next time. */
function isWoken(unit: string, text: string): boolean {
  const role = parseUnitName(unit)?.role;
  return role === 'proxy' || (role === 'process' && !/^Type=oneshot$/m.test(text));
}

/**
 * For an app that cannot overlap with itself: the old release ends before the new one begins. Its socket goes first, so
 * that new requests wait at Caddy for the next one while the old ones are answered.
 */
function makeRoom(desired: Desired, observed: Observed): Step[] {
  const running = [...observed.units.values()]
    .filter(({ name, active }) => !desired.units.has(name) && active !== 'inactive' && active !== 'failed')
    .map(({ name }) => name);
  if (running.length === 0) return [];
  const reason = 'it must not overlap with the next release';
  const sockets = running.filter((name) => parseUnitName(name)?.role === 'socket');
  const others = running.filter((name) => !sockets.includes(name));
  return [
    ...(sockets.length === 0
      ? []
      : [{ kind: 'stop-units', units: sockets, reason } as const, { kind: 'finish', sockets, reason } as const]),
    ...(others.length === 0 ? [] : [{ kind: 'stop-units', units: others, reason } as const]),
  ];
}

/** A mask, or what else lies where our link would be, is a person's doing alone unless a file of ours is there too. */
function isOurs({ load, link, text }: ObservedUnit): boolean {
  return text !== null || link === 'linked' || (load !== 'masked' && link === 'missing');
}

function isUpByAnotherText(unit: ObservedUnit | undefined, text: string): boolean {
  return unit !== undefined && unit.text !== null && unit.text !== text && isUp(unit);
}

function isUp(unit: ObservedUnit): boolean {
  return unit.active === 'active' || unit.active === 'activating' || unit.active === 'reloading';
}
