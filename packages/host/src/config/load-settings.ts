import { describeError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { secretFilesOf } from '@bough/core/config/secret-files.ts';
import { isSigningSecret, whyNoSigningKey } from '@bough/core/forge/signing-secret.ts';
import { readSecret } from '../secret-file.ts';
import { readConfigText } from './load-config.ts';

/** A configuration with the secrets that were asked for, each by the setting that names its file: `board.passwordFile`. */
export interface Settings {
  readonly config: Config;
  readonly secrets: ReadonlyMap<string, string>;
}

export interface SettingsWanted {
  /** Whether the secret of a setting is wanted; every one is unless told. */
  readonly secrets?: (setting: string) => boolean;
  /**
   * The folder in which systemd hands the secrets over (`LoadCredential=`), each by the name of its setting; the files
   * themselves are then not ours to read.
   */
  readonly credentials?: string | undefined;
}

/** What is wrong. `mayPass`: nothing but files of secrets that are yet to come, as after a boot where something else brings them. */
export interface SettingsProblems {
  readonly problems: readonly string[];
  readonly mayPass: boolean;
}

/** Reads them all, or says all that is wrong: the problems of the configuration together with secrets that cannot be read or used. */
export async function loadSettings(
  path: string,
  { secrets: isWanted = () => true, credentials }: SettingsWanted = {},
): Promise<Settings | SettingsProblems> {
  const problems: string[] = [];
  const note = (error: unknown): undefined => void problems.push(describeError(error));

  const text = await readConfigText(path).catch(note);
  if (text === undefined) return { problems, mayPass: false };
  const config = attempt(() => parseConfig(text, path), note);

  const secrets = new Map<string, string>();
  let absent = 0;
  for (const { setting, path: file, forge } of secretFilesOf(attempt(() => JSON.parse(text) as unknown, ignore))) {
    if (!isWanted(setting)) continue;
    const handedOver = credentials === undefined ? undefined : `${credentials}/${setting}`;
    const secret = await readSecret(file, handedOver).catch(
      (error: unknown) => void problems.push(`${setting}: ${describeError(error)}`),
    );
    if (secret === undefined) {
      absent += 1;
      continue;
    }
    secrets.set(setting, secret);
    const why = forge === 'gitlab' && isSigningSecret(secret) ? whyNoSigningKey(secret) : null; // no other signs with them
    if (why !== null) problems.push(`${setting}: ${why}`);
  }
  if (config !== undefined && problems.length === 0) return { config, secrets };
  return { problems, mayPass: credentials !== undefined && absent === problems.length };
}

function attempt<T>(run: () => T, onError: (error: unknown) => undefined): T | undefined {
  try {
    return run();
  } catch (error) {
    return onError(error);
  }
}

const ignore = () => undefined; // that it is no JSON is said once, by `parseConfig`
