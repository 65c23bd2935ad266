import * as z from 'zod';
import { BranchName } from '../branch-name.ts';
import { BranchPattern, PathPattern } from '../branch-patterns.ts';
import { ForgeName } from '../forge/forge-name.ts';
import { Credential } from './credential.ts';
import { absolutePath, remote } from './fields.ts';
import { Health } from './health.ts';
import { TimeSpanOrNever } from './time-span.ts';

/** One repository whose branches are kept live. */
export const Project = z.strictObject({
  remote: remote.describe('What git fetches from: a URL without a login, or an absolute path.'),
  forge: ForgeName.default('github').describe('Whose webhooks it sends; `git` is the hook Bough ships.'),
  webhookSecretFiles: z
    .array(absolutePath)
    .default([])
    .describe(
      'Files that each hold one webhook secret; several allow rotation. With none the sweep alone finds pushes.',
    ),
  production: BranchName.default('main').describe('The production branch: built before all others.'),
  attribute: z
    .string()
    .regex(/^[A-Za-z0-9_.'"-]+$/, 'must be an attribute path such as packages.x86_64-linux.default')
    .optional()
    .describe('The flake output to build; `packages.<this system>.default` unless set.'),
  url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => URL.parse(url)?.pathname === '/' && !/[?#]/.test(url),
      'must have no path: the first part of a path is the branch',
    )
    .describe('Where the branches are reached, without the slug: `http://localhost:8080`.'),
  listen: z
    .enum(['port', 'socket'])
    .default('port')
    .describe('How an app without a manifest takes requests: `PORT`, or a passed socket (`LISTEN_FDS`).'),
  health: Health.prefault({}).describe('The health check of an app without a manifest.'),
  routing: z
    .enum(['path', 'subdomain'])
    .default('path')
    .describe('`path`: `<url>/<slug>/`. `subdomain`: `<slug>.<host of url>`.'),
  productionAtRoot: z.boolean().default(false).describe('Whether the production branch answers at `url` itself too.'),
  include: z
    .array(BranchPattern)
    .default(['**'])
    .describe('Patterns of the branches that are deployed: `*` is any text without a slash, `**` any text.'),
  exclude: z
    .array(BranchPattern)
    .default([])
    .describe('Patterns of the branches that are not, whatever `include` says. The production branch always is.'),
  paths: z
    .array(PathPattern)
    .default([])
    .describe(
      'Patterns of files, as those of branches: a push that touches none of them is not built. None: every push is.',
    ),
  sleepAfter: TimeSpanOrNever.prefault('never').describe(
    'Previews sleep after so long without a connection. Production never does unless its manifest says so.',
  ),
  maxLive: z
    .int()
    .min(1)
    .optional()
    .describe('How many previews may have a process at a time; any number unless set. Production is not counted.'),
  whenFull: z
    .enum(['sleep', 'expire'])
    .default('sleep')
    .describe(
      'What becomes of the least recently visited preview when more are live. `sleep`: the next visit wakes it. `expire`: it is taken down until a push or `bough resume`.',
    ),
  ttl: TimeSpanOrNever.prefault('never').describe(
    'A preview expires so long after the last push to it, or after it was resumed. Production never does.',
  ),
  credentials: z.array(Credential).default([]).describe('Secrets of the processes.'),
});
export type Project = z.infer<typeof Project>;
