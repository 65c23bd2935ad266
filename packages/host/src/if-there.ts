import { readdir, readFile } from 'node:fs/promises';
import { isMissing } from './is-missing.ts';

/** The text of a file; `null` when there is none. Other trouble is thrown. */
export async function textOf(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(nullIfMissing);
}

/** The names in a folder, none when there is no such folder. Other trouble is thrown. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(nullIfMissing)) ?? [];
}

/** For `catch`: what does not exist is `null`; other trouble is thrown on. */
export function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
