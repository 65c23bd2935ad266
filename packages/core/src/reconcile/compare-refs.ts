import { type BranchFilter, whyExcluded } from '../branch-patterns.ts';
import type { Deployment } from '../state/deployment.ts';

/** What a sweep found to do about one branch of a project. */
export type RefFinding =
  | { readonly kind: 'build'; readonly branch: string; readonly commit: string; readonly reason: string }
  | { readonly kind: 'remove'; readonly slug: string; readonly branch: string; readonly reason: string }
  /** Other branches than those on record have the slug of this one. */
  | { readonly kind: 'rivals'; readonly slug: string; readonly branch: string; readonly rivals: readonly string[] };

/**
 * Compares the forge's refs with what is recorded for one project. `releases` tells, per slug, which sequence numbers
 * have a record and an output. A commit that failed for good is not looked at again until the head moves or a person retries. A branch the
 * project excludes is as good as absent. Of those that have one slug only the one on record is built, or where there is none
 * the first: another has to wait until that one is gone with all it had.
 */
export function compareRefs(
  heads: ReadonlyMap<string, string>,
  deployments: readonly Deployment[],
  releases: ReadonlyMap<string, ReadonlySet<number>>,
  filter: BranchFilter,
  slugOf: (branch: string) => string,
): RefFinding[] {
  const bySlug = new Map(deployments.map((deployment) => [deployment.slug, deployment]));
  const wanted = [...heads].filter(([branch]) => whyExcluded(filter, branch) === null);
  const findings: RefFinding[] = [];
  for (const [slug, namesakes] of Map.groupBy(wanted, ([branch]) => slugOf(branch))) {
    const deployment = bySlug.get(slug);
    const holder = deployment?.branch ?? namesakes[0]?.[0];
    for (const [branch, commit] of namesakes) {
      const reason = branch === holder ? whyBuild(commit, deployment, releases) : null;
      if (reason !== null) findings.push({ kind: 'build', branch, commit, reason });
    }
    const rivals = namesakes.map(([branch]) => branch).filter((branch) => branch !== holder);
    if (deployment?.present === true && deployment.rivals.join('\n') !== rivals.join('\n'))
      findings.push({ kind: 'rivals', slug, branch: deployment.branch, rivals });
  }
  for (const { branch, slug, present } of deployments) {
    const reason = heads.has(branch) ? whyExcluded(filter, branch) : 'the forge has no such branch';
    if (present && reason !== null) findings.push({ kind: 'remove', slug, branch, reason });
  }
  return findings;
}

function whyBuild(
  commit: string,
  deployment: Deployment | undefined,
  releases: ReadonlyMap<string, ReadonlySet<number>>,
): string | null {
  if (deployment === undefined) return 'nothing is recorded for the branch';
  if (!deployment.present) return 'the branch is there again';
  const { head, desired, pinned } = deployment;
  const isThere = (seq: number) => releases.get(deployment.slug)?.has(seq) === true;
  if (head === null) return 'no commit of the branch was built yet';
  if (head.commit !== commit) return `its head moved from ${head.commit.slice(0, 12)}`;
  if ('release' in head && !isThere(head.release)) return `the record or the output of release ${head.release} is lost`;
  // What was not built as nothing had to be has to be now.
  if (head.outcome === 'skipped' && desired !== null && pinned === null && !isThere(desired))
    return `the record or the output of release ${desired}, which is to serve, is lost`;
  return null;
}
