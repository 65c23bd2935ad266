import type { Config } from './config.ts';

/** The projects without a webhook, by name: the sweep alone finds their pushes. */
export function polledProjects({ projects }: Pick<Config, 'projects'>): string[] {
  return Object.entries(projects).flatMap(([name, { webhookSecretFiles }]) =>
    webhookSecretFiles.length === 0 ? [name] : [],
  );
}
