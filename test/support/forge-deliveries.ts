import { ForgeName } from '@bough/core/forge/forge-name.ts';
import { bitbucketDataCenter } from './forges/bitbucket-data-center.ts';
import { bitbucket } from './forges/bitbucket.ts';
import type { ForgeCase, ForgeCases, ForgeStandIn, Sent } from './forges/forge-case.ts';
import { forgejo } from './forges/forgejo.ts';
import { git } from './forges/git.ts';
import { gitea } from './forges/gitea.ts';
import { github } from './forges/github.ts';
import { gitlab } from './forges/gitlab.ts';

const standIns: Readonly<Record<ForgeName, ForgeStandIn>> = {
  github,
  gitlab,
  gitea,
  forgejo,
  bitbucket,
  'bitbucket-data-center': bitbucketDataCenter,
  git,
};

/** All a forge is asked to send. */
export const forgeCases = (forge: ForgeName): ForgeCases => standIns[forge].cases;

/** A delivery of a forge, with its name; of several that tell of one thing, its number too. */
export interface NamedCase {
  readonly forge: ForgeName;
  readonly name: string;
  readonly sent: ForgeCase;
}

/** Every delivery of a forge, or of all. */
export function allForgeCases(forges: readonly ForgeName[] = ForgeName.options): NamedCase[] {
  return forges.flatMap((forge) =>
    Object.entries(standIns[forge].cases).flatMap(([name, told]) => {
      if ('never' in told) return [];
      if ('event' in told) return { forge, name, sent: told };
      return told.map((sent, index) => ({ forge, name: `${name} ${index + 1} of ${told.length}`, sent }));
    }),
  );
}

/** The plain push of a branch. */
export function updateOf(forge: ForgeName): ForgeCase {
  const { update } = standIns[forge].cases;
  if ('event' in update) return update;
  throw new Error(`${forge} tells of a push by one delivery`);
}

/** The secret of a forge's project in the tests; of GitLab one to sign with and one to send. */
export const signingSecret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

/** Every header a forge sends with a delivery. A secret that starts with `whsec_` signs for GitLab. */
export const forgeHeaders = (forge: ForgeName, sent: Sent): Record<string, string> => standIns[forge].headers(sent);

/** The headers of one of its deliveries, as the forge itself would sign it. */
export function headersOfCase(
  forge: ForgeName,
  { event, headers }: Pick<ForgeCase, 'event' | 'headers'>,
  more: Omit<Sent, 'event'>,
): Record<string, string> {
  return { ...forgeHeaders(forge, { event, ...more }), ...headers };
}

/** The id a delivery has when a person lets the forge send it again. */
export const redelivered = (forge: ForgeName, delivery: string): string => standIns[forge].redelivered(delivery);

/** Whether a header proves a delivery. */
export const isProof = (header: string): boolean => /signature|token/.test(header);

/** The same headers without any proof. */
export const unproven = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !isProof(name)));
