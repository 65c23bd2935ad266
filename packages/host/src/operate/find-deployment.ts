import { AppError } from '@bough/core/app-error.ts';
import { type DeploymentId, Slug } from '@bough/core/deployment-id.ts';
import { slugTaken } from '@bough/core/state/slug-taken.ts';
import { slugOf } from '../slug.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';

/**
 * The deployment a person means, by its branch's name or its slug. A name wins: a slug may be another branch's name.
 * @throws AppError DEPLOYMENT_UNKNOWN, with the branches there are; SLUG_TAKEN where the name's slug is that of another
 */
export async function findDeployment(store: DeploymentStore, project: string, branch: string): Promise<DeploymentId> {
  const known = (await store.list()).filter((id) => id.project === project);
  const slugs = [slugOf(branch), ...(Slug.safeParse(branch).success ? [branch] : [])];
  for (const slug of slugs) {
    const found = known.find((id) => id.slug === slug);
    const deployment = found === undefined ? null : await store.read(found);
    if (found === undefined || deployment === null) continue;
    if (branch !== slug && branch !== deployment.branch) throw slugTaken(deployment, branch);
    return found;
  }
  const there = known.length === 0 ? 'has no branch on record' : `has ${known.map(({ slug }) => slug).join(', ')}`;
  throw new AppError('DEPLOYMENT_UNKNOWN', `nothing is recorded of ${project} ${branch}; ${project} ${there}`);
}
