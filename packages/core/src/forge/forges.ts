import type { ForgeAdapter } from './adapter.ts';
import { bitbucketDataCenter } from './bitbucket-data-center.ts';
import { bitbucket } from './bitbucket.ts';
import type { ForgeName } from './forge-name.ts';
import { forgejo } from './forgejo.ts';
import { git } from './git.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';

/** Every forge there is an adapter for. */
export const forges: Readonly<Record<ForgeName, ForgeAdapter>> = {
  github,
  gitlab,
  gitea,
  forgejo,
  bitbucket,
  'bitbucket-data-center': bitbucketDataCenter,
  git,
};
