import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import { Token } from '@bough/core/api/token.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { Layout } from '@bough/core/layout.ts';
import { hostTrouble } from '../host-trouble.ts';
import { isMissing } from '../is-missing.ts';
import { syncFolder } from '../sync-folder.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';

/** What the store of tokens needs of the host. */
export interface TokenHost {
  readonly config: Pick<Config, 'scope'>;
  readonly layout: Pick<Layout, 'tokens'>;
}

/** What is told of a token before it has a secret. */
export type TokenRequest = Omit<Token, 'schema' | 'sha256'>;

/** A secret's hash, as it is kept. */
export function hashToken(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/**
 * Makes a token and gives its secret, which is nowhere else. A file for each: two people may do so at once.
 * @throws AppError OPERATION_REFUSED where there is one of that name; HOST_FILES
 */
export async function createToken(host: TokenHost, request: TokenRequest): Promise<string> {
  await makeFolder(host);
  const path = fileOf(host, request.name);
  if ((await stat(path).catch(() => null)) !== null)
    throw new AppError(
      'OPERATION_REFUSED',
      `there is a token ${request.name} already; revoke it, or choose another name`,
    );
  const secret = `bough_${randomBytes(32).toString('base64url')}`;
  const token: Token = { schema: 1, ...request, sha256: hashToken(secret) };
  // The folder gives it the group of the receiver, which a strict umask would lock out.
  await writeFileAtomically(path, `${JSON.stringify(token, null, 2)}\n`, 0o640);
  await chmod(path, 0o640);
  return secret;
}

/**
 * All tokens, by name, and the files that are none.
 * @throws AppError HOST_FILES
 */
export async function listTokens({
  layout,
}: Pick<TokenHost, 'layout'>): Promise<{ tokens: Token[]; unreadable: string[] }> {
  const tokens: Token[] = [];
  const unreadable: string[] = [];
  for (const file of (await namesIn(layout.tokens)).toSorted()) {
    try {
      tokens.push(Token.parse(JSON.parse(await readFile(`${layout.tokens}/${file}`, 'utf8'))));
    } catch (error) {
      if (!isMissing(error)) unreadable.push(file); // revoked at this moment
    }
  }
  return { tokens, unreadable };
}

/**
 * Removes a token. The receiver turns it away from its next request on.
 * @throws AppError OPERATION_REFUSED where there is none of that name; HOST_FILES
 */
export async function revokeToken(host: TokenHost, name: string): Promise<void> {
  try {
    await rm(fileOf(host, name));
    await syncFolder(host.layout.tokens);
  } catch (error) {
    if (isMissing(error)) throw new AppError('OPERATION_REFUSED', `there is no token ${name}; see bough token list`);
    throw hostTrouble(error, fileOf(host, name)) ?? error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^[^.].*\.json$/.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw hostTrouble(error, folder) ?? error;
  }
}

/** systemd-tmpfiles makes it in the system scope, where it has to have the receiver's group. */
async function makeFolder({ config, layout }: TokenHost): Promise<void> {
  if (config.scope === 'user') await mkdir(layout.tokens, { recursive: true, mode: 0o700 });
  else if ((await stat(layout.tokens).catch(() => null)) === null)
    throw new AppError('HOST_FILES', `${layout.tokens} is missing; run systemd-tmpfiles --create bough.conf as root`);
}

function fileOf({ layout }: Pick<TokenHost, 'layout'>, name: string): string {
  return `${layout.tokens}/${name}.json`;
}
