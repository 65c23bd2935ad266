import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import { get } from '../support/installation.ts';
import type { Deed } from './deed.ts';
import { type Commit, type Forge, isFit } from './forge.ts';
import { isHeld } from './judge-cancel.ts';
import { judgeDecisions } from './judge-decisions.ts';
import { judgeVerdicts, wasKilled } from './judge-verdicts.ts';

/** What differs between the branches of the forge and what is live, a sentence each; nothing when all is as it should be. */
export async function compareBranches(forge: Forge, store: DeploymentStore, deeds: readonly Deed[]): Promise<string[]> {
  const problems: string[] = [];
  for (const [branch, commits] of forge.heads) {
    const head = commits.at(-1);
    const id = { project: 'demo', slug: slugOf(branch) };
    const deployment = await store.read(id);
    if (head === undefined) continue;
    if (deployment?.present !== true) {
      problems.push(`${branch}: nothing is recorded of it`);
      continue;
    }
    const releases = await store.readReleases(id);
    const page = await get(`/${id.slug}/`);
    const served = [...forge.made.values()].find(({ text }) => page.body.startsWith(`${text} from release`)) ?? null;
    const found = { deployment, releases, head, status: page.status, served, made: forge.made, deeds };
    problems.push(...compareBranch(found).map((problem) => `${branch}: ${problem}`));
  }
  return problems;
}

interface Found {
  readonly deployment: Deployment;
  readonly releases: readonly Release[];
  readonly head: Commit;
  readonly status: number;
  /** The commit whose app answers. */
  readonly served: Commit | null;
  readonly made: ReadonlyMap<string, Commit>;
  /** What the run did. */
  readonly deeds: readonly Deed[];
}

function compareBranch(found: Found): string[] {
  const { deployment, releases, head, status, made, deeds } = found;
  if (deployment.head?.commit !== head.commit)
    return [`its head is ${say(head)}, on record is ${say(made.get(deployment.head?.commit ?? ''))}`];
  const misjudged = [...judgeDecisions(deployment, deeds), ...judgeVerdicts(releases, made, deeds)];
  if (misjudged.length > 0) return misjudged;
  if (deployment.suspended !== null) return status === 503 ? [] : [`it is suspended and answers ${status}`];

  const isKilled = (release: Release | undefined): boolean => release !== undefined && wasKilled(deeds, release);
  if (deployment.pinned !== null) {
    const release = releases.find(({ seq }) => seq === deployment.desired);
    const pinned = made.get(release?.commit ?? '');
    if (isFit(pinned) && !isKilled(release)) return whyNotServed(found, pinned);
    return whyNotLastVerified(found, release?.seq);
  }
  const release = releaseOfHead(deployment, releases);
  const isCancelled = deployment.head.outcome === 'cancelled' && isHeld(deployment.branch, head.commit, deeds);
  if (isCancelled || (isFit(head) && isKilled(release))) return whyNotLastVerified(found);
  if (isFit(head)) return whyNotServed(found, head);
  return [...whyNotRecorded(deployment, releases, head), ...whyNotLastVerified(found)];
}

function say(commit: Commit | null | undefined): string {
  return commit?.text ?? 'nothing';
}

function whyNotServed({ status, served, deployment }: Found, wanted: Commit | undefined): string[] {
  const recorded = JSON.stringify(deployment.head);
  return served === wanted
    ? []
    : [`${say(wanted)} should answer, and ${say(served)} does (${status}); on record is ${recorded}`];
}

/** `before`: of the releases before this one. */
function whyNotLastVerified({ releases, status, served, made }: Found, before = Number.POSITIVE_INFINITY): string[] {
  const last = releases.findLast(({ seq, verdict }) => seq < before && verdict.state === 'verified');
  const isRight = last === undefined ? served === null && status === 503 : served === made.get(last.commit);
  return isRight ? [] : [`release ${last?.seq}, its last verified, should answer, and ${say(served)} does (${status})`];
}

function releaseOfHead({ head }: Deployment, releases: readonly Release[]): Release | undefined {
  return head !== null && 'release' in head ? releases.find(({ seq }) => seq === head.release) : undefined;
}

/** A head that cannot be live must be on record with its failure. */
function whyNotRecorded(deployment: Deployment, releases: readonly Release[], { kind, text }: Commit): string[] {
  const { head } = deployment;
  if (kind === 'broken')
    return head?.outcome === 'failed' && head.code === 'BUILD_FAILED'
      ? []
      : [`${text} does not compile, on record is ${JSON.stringify(head)}`];
  const verdict = releaseOfHead(deployment, releases)?.verdict;
  return verdict?.state === 'failed' && verdict.code === 'APP_EXITED'
    ? []
    : [`${text} ends at once, its verdict is ${JSON.stringify(verdict ?? head)}`];
}
