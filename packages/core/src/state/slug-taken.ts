import { AppError } from '../app-error.ts';
import type { Deployment } from './deployment.ts';

/** Why a branch that has the slug of another is not deployed: `holder` is the deployment there is under it. */
export function whySlugTaken({ slug, branch, present }: Deployment): string {
  return present
    ? `its slug ${slug} is that of ${branch}, which is deployed: rename one of the two, or delete ${branch}`
    : `its slug ${slug} is that of ${branch}, which is being taken down: the next sweep builds it`;
}

/** The error for those who meant `branch` and would have met the deployment of another. */
export function slugTaken(holder: Deployment, branch: string): AppError {
  return new AppError('SLUG_TAKEN', `${holder.project} ${branch} is not deployed: ${whySlugTaken(holder)}`);
}
