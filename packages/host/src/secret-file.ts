import { AppError } from '@bough/core/app-error.ts';
import { readFile } from 'node:fs/promises';

/**
 * A secret from its file, less one line break at its end (editors add one). `handedOver` is where systemd has put what is in
 * the file; nothing there is a file that is not there either.
 * @throws AppError SECRET_UNREADABLE; it names the path, never the content
 */
export async function readSecret(path: string, handedOver?: string): Promise<string> {
  const secret = (await readText(handedOver ?? path)).replace(/\r?\n$/, '');
  const what = handedOver === undefined ? 'empty' : 'missing or empty';
  if (secret === '')
    throw new AppError('SECRET_UNREADABLE', `The secret file ${path} is ${what}; write the secret into it.`);
  return secret;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new AppError(
      'SECRET_UNREADABLE',
      `The secret file ${path} cannot be read${why}; check the path and who may read it.`,
      { cause },
    );
  }
}
