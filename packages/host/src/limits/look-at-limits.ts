import type { Config } from '@bough/core/config/config.ts';
import type { Project } from '@bough/core/config/project.ts';
import { type LimitAct, planLimits } from '@bough/core/limits/plan-limits.ts';
import {
  isByClock,
  isRuled,
  observePreviews,
  type PreviewsHost,
  type SeenPreview,
  unreadableIsNull,
} from './observe-previews.ts';
import { observeVisits, type Visits } from './visits.ts';

/** What looking at the limits needs of the host. */
export interface LimitsHost extends PreviewsHost {
  readonly config: Config;
  readonly now: () => Date;
}

/** What the limits of a project ask for, each with the preview it is about. */
export interface PlannedLimits {
  readonly acts: readonly (LimitAct & { readonly preview: SeenPreview })[];
  readonly previews: readonly SeenPreview[];
  readonly visits: Visits;
}

/** Looks which previews of a project are to sleep or to expire; changes nothing. `null`: it has no limits to keep. */
export async function lookAtLimits(host: LimitsHost, project: string): Promise<PlannedLimits | null> {
  const settings = host.config.projects[project];
  if (settings === undefined) return null;
  const isLimited = settings.maxLive !== undefined || settings.ttl !== 'never';
  const now = host.now();
  if (!isLimited && !(await someToWake(host, project, settings, now))) return null;
  const visits = await observeVisits(now);
  const previews = await observePreviews(host, project, settings, visits, now);
  const bySlug = new Map(previews.map((preview) => [preview.slug, preview]));
  const acts = planLimits(previews, settings, now).flatMap((act) => {
    const preview = bySlug.get(act.slug);
    return preview === undefined ? [] : [{ ...act, preview }];
  });
  return { acts, previews, visits };
}

/** Whether a limit that is set no more put something to sleep, or took down what is the production branch now or a wrong clock judged. */
async function someToWake(
  { store }: LimitsHost,
  project: string,
  { production }: Project,
  now: Date,
): Promise<boolean> {
  const ids = (await store.list()).filter((id) => id.project === project);
  const deployments = await Promise.all(ids.map((id) => store.read(id).catch(unreadableIsNull)));
  return deployments.some(
    (found) =>
      found !== null && (found.branch === production ? isRuled(found) : found.asleep !== null || isByClock(found, now)),
  );
}

/** What is to be done, and why, for a person: `sleep demo feature-x: 3 previews were live …`. */
export function describeAct({ kind, why, preview }: PlannedLimits['acts'][number]): string {
  return `${kind} ${preview.deployment.project} ${preview.deployment.branch}: ${why}`;
}
