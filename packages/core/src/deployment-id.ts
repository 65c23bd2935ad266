import * as z from 'zod';

/** A project's name: 1–24 characters of `[a-z0-9-]`, no `--`, no dash at either end. */
export const ProjectName = z
  .string()
  .regex(/^(?!.*--)[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/, 'must be 1 to 24 of a-z, 0-9 and single dashes inside');
export type ProjectName = z.infer<typeof ProjectName>;

/** A slug as `slugOf` makes it. Checked wherever one comes from outside (job data, a folder's name). */
export const Slug = z.string().regex(/^(?!.*--)[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'is not a slug');
export type Slug = z.infer<typeof Slug>;

/** What we keep live: one branch of one project, by its slug. */
export const DeploymentId = z.strictObject({ project: ProjectName, slug: Slug });
export type DeploymentId = z.infer<typeof DeploymentId>;

/**
 * The deployment as one word, for deduplication, logs and unit names. Neither part contains `--`, starts or ends with a
 * dash, so the pair can be read back: (`a`, `b-c`) and (`a-b`, `c`) differ.
 */
export function deploymentKey(id: DeploymentId): string {
  return `${id.project}--${id.slug}`;
}
