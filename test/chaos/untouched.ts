import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles } from '../support/app-files.ts';
import type { Installation } from '../support/installation.ts';
import { invocationsOf, whatRestarted } from './invocations.ts';
import { untouched } from './schedule.ts';
import { type Visits, visitSteadily } from './steady.ts';

/** Caddy waits 10 s for an app that is away. On two cores under a load of 12 the slowest visit took well under a second. */
const longestVisitMs = 5_000;

/** Pushes what nobody touches from then on, and visits it. */
export async function pushUntouched(bough: Installation, seed: number) {
  const texts = new Map<string, string>();
  const commits = new Map<string, string>();
  for (const branch of untouched) {
    const text = `${branch} ${seed}`;
    texts.set(branch, text);
    commits.set(branch, await bough.push(branch, appFiles({ text })));
    await bough.untilServes(branch, text);
  }
  await bough.untilIdle();
  const invocations = await invocationsOf(untouched);
  const visitors = visitSteadily(texts);

  return {
    visitors,

    /** Ends the visits. What is wrong with them, and with what was visited, a sentence each. */
    async judge(store: DeploymentStore): Promise<{ visits: Visits; problems: string[] }> {
      const visits = await visitors.stop();
      const problems = visits.failed.map((failure) => `a visit failed: ${failure}`);
      if (visits.longestMs > longestVisitMs) problems.push(`a visit took ${visits.longestMs} ms`);
      problems.push(...whatRestarted(invocations, await invocationsOf(untouched)));
      for (const [slug, commit] of commits) {
        const releases = await store.readReleases({ project: 'demo', slug });
        if (releases.length !== 1 || releases[0]?.commit !== commit) problems.push(`${slug} was built again`);
      }
      return { visits, problems };
    },
  };
}
