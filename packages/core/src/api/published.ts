import * as z from 'zod';
import { Commit } from '../commit.ts';
import { ProjectName, Slug } from '../deployment-id.ts';
import { Decision, HeadRecord, Ruling } from '../state/deployment.ts';
import { Verdict } from '../state/release.ts';

/** A release as the API shows it. */
export const PublishedRelease = z.object({
  seq: z.int(),
  commit: Commit,
  builtAt: z.iso.datetime(),
  buildMs: z.number(),
  switchedAt: z.iso.datetime().nullable().describe('When requests were first led to it.'),
  verdict: Verdict,
  isServing: z.boolean(),
  isDesired: z.boolean(),
});
export type PublishedRelease = z.infer<typeof PublishedRelease>;

/** The newest thing of a branch that did not go well, a build or a release. */
const LastFailure = z.object({
  what: z.enum(['build', 'release']),
  commit: Commit,
  release: z.int().nullable(),
  code: z.string(),
  message: z.string(),
  at: z.iso.datetime(),
});

/** A branch as the worker has published it. A copy for people and programs to look at, never consulted as truth. */
export const PublishedBranch = z.object({
  project: ProjectName,
  branch: z.string(),
  slug: Slug,
  url: z.url().nullable(),
  state: z.enum([
    'live',
    'asleep',
    'starting',
    'down',
    'failed',
    'blocked',
    'suspended',
    'expired',
    'waiting',
    'going',
  ]),
  serving: z.int().nullable().describe('The release requests are led to.'),
  commit: Commit.nullable().describe('The commit of that release.'),
  desired: z.int().nullable().describe('The release that should serve.'),
  since: z.iso.datetime().nullable().describe('Since when requests are led to the release that serves.'),
  pinned: Decision.nullable(),
  suspended: Decision.nullable(),
  asleep: Ruling.nullable(),
  expired: Ruling.nullable(),
  head: HeadRecord.nullable().describe('What became of the newest commit that was looked at.'),
  lastFailure: LastFailure.nullable(),
  notes: z.array(z.string()).describe('What a person should know, a sentence each.'),
  releases: z.array(PublishedRelease).describe('Those that are kept, newest first.'),
  publishedAt: z.iso.datetime(),
});
export type PublishedBranch = z.infer<typeof PublishedBranch>;

/** What is published of a project beside its branches. */
export const PublishedProject = z.object({ publishedAt: z.iso.datetime(), suspended: Decision.nullable() });
export type PublishedProject = z.infer<typeof PublishedProject>;

/** The hash in Redis that holds what is published of a project: a field for each slug, and one for the project itself. */
export function publishedKey(prefix: string, project: string): string {
  return `${prefix}:published:${project}`;
}

/** The field of the project itself; no slug has a star. */
export const projectField = '*';
