import type { Deployment } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';
import type { PublishedBranch } from './published.ts';

/** The newest failure on record: of the head's build, or of a kept release. */
export function lastFailure({ head }: Deployment, releases: readonly Release[]): PublishedBranch['lastFailure'] {
  const failures: NonNullable<PublishedBranch['lastFailure']>[] = releases.flatMap(({ seq, commit, verdict }) =>
    verdict.state === 'failed'
      ? [{ what: 'release', commit, release: seq, code: verdict.code, message: verdict.message, at: verdict.at }]
      : [],
  );
  if (head?.outcome === 'failed') {
    const { commit, code, message, at } = head;
    failures.push({ what: 'build', commit, release: null, code, message, at });
  }
  return failures.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0] ?? null;
}
