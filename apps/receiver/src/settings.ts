import type { Config } from '@bough/core/config/config.ts';
import { loadSettings, type SettingsProblems } from '@bough/host/config/load-settings.ts';

/** The configuration and every secret the receiver needs. */
export interface Settings {
  readonly config: Config;
  readonly boardPassword: string;
  readonly redisPassword: string | undefined;
  /** All webhook secrets of each project. */
  readonly webhookSecrets: ReadonlyMap<string, readonly string[]>;
}

/** Reads them all, or says all that is wrong; see `loadSettings`, also for `credentials`. */
export async function readSettings(path: string, credentials?: string): Promise<Settings | SettingsProblems> {
  const loaded = await loadSettings(path, { credentials });
  if ('problems' in loaded) return loaded;
  const { config, secrets } = loaded;
  const secretOf = (setting: string): string => secrets.get(setting) ?? '';
  return {
    config,
    boardPassword: secretOf('board.passwordFile'),
    redisPassword: secrets.get('redis.passwordFile'),
    webhookSecrets: new Map(
      Object.entries(config.projects).map(([project, { webhookSecretFiles }]) => [
        project,
        webhookSecretFiles.map((_, index) => secretOf(`projects.${project}.webhookSecretFiles.${index}`)),
      ]),
    ),
  };
}
