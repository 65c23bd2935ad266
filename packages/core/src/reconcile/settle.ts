import type { Deployment } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';
import { unitName } from '../unit-name.ts';

/** Which releases of a deployment matter now. */
export interface Settled {
  /** The release that should serve; `null`: none. */
  readonly target: Release | null;
  /** Why it is this one. */
  readonly reason: string;
  /** The desired release when it failed: its units go whatever serves instead. */
  readonly unfit: number | null;
  /** Whether nothing of it may run: the branch is gone, a person suspended it, or it has expired. */
  readonly clears: boolean;
  /** Whether its processes may be down until a visit wakes them: the limits of the project put it to sleep. */
  readonly isAsleep: boolean;
  /** Sequence numbers whose record and GC root go. */
  readonly drop: readonly number[];
  /** A process unit as it was once rendered, to clean up after the app where no unit of it is loaded; `null`: none ever was. */
  readonly cleaner: { readonly unit: string; readonly text: string } | null;
}

/**
 * Decides what should serve, and what is kept. The desired release serves unless it failed: then the newest verified one
 * before it does. Kept are these two, the last `keep` verified releases, the newest, the newest that ever ran and the one the head
 * stands by: what waits while a branch is pinned or suspended does not pile up. A release that a rotation renewed is the same output once
 * more: it is kept beside the one that renews it, and does not count.
 */
export function settle(deployment: Deployment, releases: readonly Release[], keep: number): Settled {
  const rendered = cleanerOf(releases);
  const cleaner = rendered && { unit: rendered.unit, text: rendered.text };
  const nothing = { target: null, unfit: null, clears: true, isAsleep: false, cleaner };
  if (!deployment.present) return { ...nothing, reason: 'the branch is gone', drop: releases.map(({ seq }) => seq) };
  const desired = releases.find(({ seq }) => seq === deployment.desired) ?? null;
  const verified = releases.filter(({ verdict }) => verdict.state === 'verified').toSorted((a, b) => b.seq - a.seq);
  const target =
    desired?.verdict.state === 'failed' ? (verified.find(({ seq }) => seq < desired.seq) ?? null) : desired;
  const drop = dropOf(deployment, releases, target, keep);
  if (deployment.suspended !== null) return { ...nothing, reason: `${deployment.suspended.by} suspended it`, drop };
  if (deployment.expired !== null) return { ...nothing, reason: `it expired: ${deployment.expired.why}`, drop };
  const unfit = desired?.verdict.state === 'failed' ? desired.seq : null;
  const isAsleep = deployment.asleep !== null;
  return { target, reason: reasonOf(deployment, desired, target), unfit, clears: false, isAsleep, drop, cleaner };
}

function dropOf(
  { desired, head, lastSeq, suspended, expired }: Deployment,
  releases: readonly Release[],
  target: Release | null,
  keep: number,
): number[] {
  if (desired === null) return []; // the record may be lost: nothing says what is needed
  const newestFirst = releases.toSorted((a, b) => b.seq - a.seq);
  // The target counts as verified: a plan removes releases only after verifying it. What is stopped is not verified.
  const fit = newestFirst.filter(
    (release) => release.verdict.state === 'verified' || (release === target && suspended === null && expired === null),
  );
  const renewed = new Set(fit.map(({ rotation }) => rotation?.of));
  const counted = fit.filter(({ seq }) => !renewed.has(seq)).slice(0, keep);
  const kept = new Set([
    desired,
    target?.seq,
    target?.rotation?.of,
    // Above `lastSeq` is what a worker put on record that ended before the deployment named it.
    newestFirst.find(({ seq }) => seq <= lastSeq)?.seq,
    cleanerOf(releases)?.seq, // without it, what the app stored would outlive its branch
    ...counted.map(({ seq }) => seq),
  ]);
  if (head !== null && 'release' in head) kept.add(head.release);
  return releases.filter(({ seq }) => !kept.has(seq)).map(({ seq }) => seq);
}

function cleanerOf(releases: readonly Release[]): (Settled['cleaner'] & { readonly seq: number }) | null {
  for (const release of releases.toSorted((a, b) => b.seq - a.seq)) {
    const unit = unitName({ ...release, service: 'web', role: 'process' });
    const text = release.units?.[unit];
    if (text !== undefined) return { unit, text, seq: release.seq };
  }
  return null;
}

function reasonOf(deployment: Deployment, desired: Release | null, target: Release | null): string {
  if (deployment.desired === null) return 'nothing was built yet';
  if (desired === null) return `release ${deployment.desired} has no record`;
  if (target === null) return `release ${desired.seq} failed and none before it was verified`;
  if (target === desired) return `release ${desired.seq} is desired`;
  return `release ${desired.seq} failed; release ${target.seq} was the last verified`;
}
