import { describeError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { secretFilesOf } from '@bough/core/config/secret-files.ts';
import { readConfigText } from '@bough/host/config/load-config.ts';
import { readSecret } from '@bough/host/secret-file.ts';

/** The configuration and every secret the receiver needs. */
export interface Settings {
  readonly config: Config;
  readonly boardPassword: string;
  readonly redisPassword: string | undefined;
  /** All webhook secrets of each project. */
  readonly webhookSecrets: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads them all, or says all that is wrong: the problems of the configuration together with unreadable secrets.
 * `credentials` is the folder in which systemd hands the secrets over (`LoadCredential=`), each by the name of its setting;
 * the files themselves are then not ours to read.
 */
export async function readSettings(
  path: string,
  credentials?: string,
): Promise<Settings | { readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const note = (error: unknown): undefined => void problems.push(describeError(error));

  const text = await readConfigText(path).catch(note);
  if (text === undefined) return { problems };
  const config = attempt(() => parseConfig(text, path), note);

  const secrets = new Map<string, string>();
  for (const { setting, path: file } of secretFilesOf(
    attempt(
      () => JSON.parse(text) as unknown,
      () => undefined,
    ),
  )) {
    const secret = await readSecret(credentials === undefined ? file : `${credentials}/${setting}`).catch(
      (error: unknown) => void problems.push(`${setting}: ${describeError(error)}`),
    );
    if (secret !== undefined) secrets.set(file, secret);
  }
  if (config === undefined || problems.length > 0) return { problems };

  const secretIn = (file: string): string => secrets.get(file) ?? '';
  const projects = Object.entries(config.projects);
  return {
    config,
    boardPassword: secretIn(config.board.passwordFile),
    redisPassword: config.redis.passwordFile === undefined ? undefined : secretIn(config.redis.passwordFile),
    webhookSecrets: new Map(
      projects.map(([project, { webhookSecretFiles }]) => [project, webhookSecretFiles.map(secretIn)]),
    ),
  };
}

function attempt<T>(run: () => T, onError: (error: unknown) => undefined): T | undefined {
  try {
    return run();
  } catch (error) {
    return onError(error);
  }
}
