import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import { get } from '../support/installation.ts';
import type { Commit, Forge } from './forge.ts';

/** What differs between the branches of the forge and what is live, a sentence each; nothing when all is as it should be. */
export async function compareBranches(forge: Forge, store: DeploymentStore): Promise<string[]> {
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
    const found = { deployment, releases, head, status: page.status, served, made: forge.made };
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
}

function compareBranch({ deployment, releases, head, status, served, made }: Found): string[] {
  const say = (commit: Commit | null | undefined): string => commit?.text ?? 'nothing';
  if (deployment.head?.commit !== head.commit)
    return [`its head is ${say(head)}, on record is ${say(made.get(deployment.head?.commit ?? ''))}`];
  if (deployment.suspended !== null) return status === 503 ? [] : [`it is suspended and answers ${status}`];

  if (deployment.pinned !== null) {
    const pinned = made.get(releases.find(({ seq }) => seq === deployment.desired)?.commit ?? '');
    return served === pinned ? [] : [`it is pinned to ${say(pinned)}, and ${say(served)} answers (${status})`];
  }
  const isFit = (head.kind === 'good' || head.kind === 'slow') && !wasKilled(deployment, releases);
  if (isFit) return served === head ? [] : [`${say(head)} should answer, and ${say(served)} does (${status})`];

  const problems = [...whyNotRecorded(deployment, releases, head)];
  const verified = releases.filter(({ verdict }) => verdict.state === 'verified').map(({ commit }) => made.get(commit));
  if (served === null ? verified.length > 0 || status !== 503 : !verified.includes(served))
    problems.push(`its last verified release should answer, and ${say(served)} does (${status})`);
  return problems;
}

function releaseOfHead({ head }: Deployment, releases: readonly Release[]): Release | undefined {
  return head !== null && 'release' in head ? releases.find(({ seq }) => seq === head.release) : undefined;
}

/** Whether the run killed the process of the head's release while it was verified: nobody can tell that from a bad one. */
function wasKilled(deployment: Deployment, releases: readonly Release[]): boolean {
  const verdict = releaseOfHead(deployment, releases)?.verdict;
  return verdict?.state === 'failed' && verdict.message.includes('the process was killed by signal 9');
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
