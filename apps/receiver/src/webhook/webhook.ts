import type { Config } from '@bough/core/config/config.ts';
import type { Project } from '@bough/core/config/project.ts';
import type { ForgeAdapter } from '@bough/core/forge/adapter.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { type Keys, readKeys } from './signature.ts';

/** The webhook of a project: what its deliveries are proven with and read by. */
export interface Webhook {
  readonly settings: Project;
  readonly adapter: ForgeAdapter;
  readonly keys: Keys;
}

/** All there are, by project. One without a secret takes no deliveries, and has none. */
export function createWebhooks(
  projects: Config['projects'],
  secrets: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, Webhook> {
  return new Map(
    Object.entries(projects).flatMap(([project, settings]) => {
      const own = secrets.get(project) ?? [];
      return own.length === 0 ? [] : [[project, { settings, adapter: forges[settings.forge], keys: readKeys(own) }]];
    }),
  );
}
