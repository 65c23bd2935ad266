import { AppError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { readFile } from 'node:fs/promises';

/**
 * The configuration from its file.
 * @throws AppError CONFIG_UNREADABLE, or CONFIG_INVALID with all problems at once
 */
export async function loadConfig(path: string): Promise<Config> {
  return parseConfig(await readConfigText(path), path);
}

/**
 * The text of a configuration file, not parsed.
 * @throws AppError CONFIG_UNREADABLE
 */
export async function readConfigText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError(
      'CONFIG_UNREADABLE',
      `The configuration ${path} cannot be read; check the path and who may read it.`,
      { cause },
    );
  }
}
