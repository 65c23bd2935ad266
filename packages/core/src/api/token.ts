import * as z from 'zod';
import { ProjectName } from '../deployment-id.ts';
import { Decision } from '../state/deployment.ts';

/** What a token allows. `read`: look. `deploy`: build, cancel, sweep. `operate`: decide what serves, and whether anything does. */
export const Scope = z.enum(['read', 'deploy', 'operate']);
export type Scope = z.infer<typeof Scope>;

/** The name of a token, by which people know whose it is. */
export const TokenName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, dash and underscore, not a dash first');

/**
 * A token of the API as it is kept, in a file named after it. Of the secret there is only the SHA-256: it is 32 random bytes, so
 * nothing slower is needed to keep it from being guessed.
 */
export const Token = z.strictObject({
  schema: z.literal(1),
  name: TokenName,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'),
  scopes: z.array(Scope).min(1),
  /** `null`: all projects, also those there will be. */
  projects: z.array(ProjectName).min(1).nullable(),
  by: Decision.shape.by,
  at: z.iso.datetime(),
  /** From then on it is as good as revoked. */
  expires: z.iso.datetime().nullable(),
});
export type Token = z.infer<typeof Token>;

/** Whether a token still counts. */
export function isCurrent({ expires }: Pick<Token, 'expires'>, now: Date): boolean {
  return expires === null || now.getTime() < Date.parse(expires);
}

/** Whether a token is for a project. */
export function isFor({ projects }: Pick<Token, 'projects'>, project: string): boolean {
  return projects === null || projects.includes(project);
}
