import * as z from 'zod';
import { Decision } from '../state/deployment.ts';
import { PublishedBranch } from './published.ts';

/** Every answer that is not what was asked for. */
export const Refusal = z.object({
  outcome: z.enum(['rejected', 'unavailable']),
  reason: z.string(),
  problems: z.array(z.string()).optional().describe('What is wrong with the request, each with its place.'),
});
export type Refusal = z.infer<typeof Refusal>;

/** Redis keeps the job that stands for what was asked. */
export const Accepted = z.object({
  outcome: z.enum(['queued', 'joined', 'repeated', 'retried']),
  job: z.string(),
  url: z.string().describe('Where to look what becomes of it.'),
  reason: z.string().optional(),
});
export type Accepted = z.infer<typeof Accepted>;

/** A job, as far as it is the business of whoever asked. */
export const JobView = z.object({
  id: z.string(),
  queue: z.enum(['build', 'reconcile', 'sweep', 'operate']),
  kind: z.string().describe('`build`, `sweep`, or the operation: `cancel`, `rollback` …'),
  project: z.string(),
  branch: z.string().nullable(),
  askedBy: z.string().describe('`delivery`, `sweep`, `build`, `person`, or the name of who asked.'),
  state: z.enum(['waiting', 'running', 'retrying', 'done', 'failed']),
  outcome: z.string().nullable().describe('How it ended: `built`, `unchanged`, `cancelled`, `superseded`, `failed` …'),
  reason: z.string().nullable(),
  progress: z.unknown().describe('How far a build is.'),
  result: z.unknown().describe('What it came to, whole.'),
  addedAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type JobView = z.infer<typeof JobView>;

/** A branch and what is done about it. */
export const BranchView = z.object({
  ...PublishedBranch.omit({ releases: true }).shape,
  jobs: z.array(JobView).describe('What runs or waits.'),
});

/** A project at a glance. */
export const ProjectView = z.object({
  project: z.string(),
  suspended: Decision.nullable(),
  publishedAt: z.iso
    .datetime()
    .nullable()
    .describe('When the worker looked at all of it last; `null`: not since Redis lost it.'),
  branches: z.array(BranchView),
  jobs: z.array(JobView).describe('What runs or waits and is of no branch on record.'),
});
export type ProjectView = z.infer<typeof ProjectView>;

/** The projects a token is for. */
export const ProjectList = z.object({
  projects: z.array(
    z.object({ project: z.string(), url: z.string(), branches: z.int(), publishedAt: z.iso.datetime().nullable() }),
  ),
});

const end = z.object({ at: z.iso.datetime(), outcome: z.string(), reason: z.string().nullable() });

/** A delivery of the ledger. */
const DeliveryView = z.object({
  seq: z.int(),
  at: z.iso.datetime(),
  project: z.string(),
  forge: z.string(),
  delivery: z.string().nullable(),
  event: z.string().nullable(),
  source: z.string(),
  status: z.int().nullable(),
  outcome: z.string(),
  reason: z.string().nullable(),
  failure: z.string().nullable(),
  ms: z.int(),
  branches: z.array(
    z.object({
      branch: z.string().nullable(),
      commit: z.string().nullable(),
      job: z.string().nullable(),
      outcome: z.string(),
      reason: z.string().nullable(),
      ended: end.nullable(),
    }),
  ),
});

/** Deliveries, the latest first. */
export const DeliveryList = z.object({ deliveries: z.array(DeliveryView) });
