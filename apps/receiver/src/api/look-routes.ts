import { BranchView, DeliveryList, JobView, ProjectList, ProjectView, Refusal } from '@bough/core/api/answers.ts';
import { PublishedRelease } from '@bough/core/api/published.ts';
import { DeliveryQuery, OfBranch, OfJob, OfProject } from '@bough/core/api/requests.ts';
import { isFor } from '@bough/core/api/token.ts';
import type { Config } from '@bough/core/config/config.ts';
import { queuePrefix } from '@bough/core/queue/jobs.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Gate } from '@bough/host/queue/gate.ts';
import { type Published, readPublished } from '@bough/host/status/read-published.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Redis } from 'ioredis';
import * as z from 'zod';
import { findJob, unfinishedJobs } from './find-jobs.ts';
import { notThere, unavailable } from './refusals.ts';

/** Where looks go. `redis` is not the producer's: looking must not delay deliveries. */
export interface LookOptions {
  readonly projects: Config['projects'];
  readonly redis: Redis;
  readonly queues: Queues;
  readonly gate: Gate;
  readonly ledger: Pick<Ledger, 'deliveries'>;
}

const refusals = { '4xx': Refusal, '5xx': Refusal };
const read = { scope: 'read' } as const;

/** What shows how things are. The receiver may not see the state itself: it shows the copy the worker publishes in Redis. */
export async function lookRoutes(plainApp: FastifyInstance, options: LookOptions): Promise<void> {
  const { projects, redis, queues, gate, ledger } = options;
  const app = plainApp.withTypeProvider<ZodTypeProvider>();

  const readAll = async (project: string) =>
    await gate('what is asked for', async () => await readPublished(redis, queuePrefix, project));
  const look = async (project: string) => ({
    published: await readAll(project),
    jobs: await unfinishedJobs(queues, gate, project),
  });

  app.get(
    '/api/projects',
    {
      config: read,
      schema: {
        operationId: 'listProjects',
        summary: 'The projects the token is for.',
        response: { 200: ProjectList, ...refusals },
      },
    },
    async ({ token }) => {
      const own = Object.entries(projects).filter(([project]) => token !== null && isFor(token, project));
      const all = await gate('what is asked for', async () =>
        Promise.all(own.map(async ([project]) => await readPublished(redis, queuePrefix, project))),
      );
      return {
        projects: own.map(([project, { url }], index) => ({
          project,
          url,
          branches: all[index]?.branches.length ?? 0,
          publishedAt: all[index]?.project?.publishedAt ?? null,
        })),
      };
    },
  );
  app.get(
    '/api/projects/:project',
    {
      config: read,
      schema: {
        operationId: 'readProject',
        summary: 'A project: its branches, what serves, what failed last, what runs and waits.',
        params: OfProject,
        response: { 200: ProjectView, ...refusals },
      },
    },
    async ({ params: { project } }) => {
      const { published, jobs } = await look(project);
      const { branches } = published;
      return {
        project,
        suspended: published.project?.suspended ?? null,
        publishedAt: published.project?.publishedAt ?? null,
        branches: branches.map((each) => ({ ...each, jobs: jobs.filter(({ branch }) => branch === each.branch) })),
        jobs: jobs.filter((job) => !branches.some(({ branch }) => branch === job.branch)),
      };
    },
  );
  app.get(
    '/api/projects/:project/branches/:branch',
    {
      config: read,
      schema: {
        operationId: 'readBranch',
        summary: 'A branch.',
        params: OfBranch,
        response: { 200: BranchView, ...refusals },
      },
    },
    async ({ params: { project, branch } }, reply) => {
      const { published, jobs } = await look(project);
      const found = branchOf(published, branch);
      if (found === null) return noSuchBranch(reply, published);
      return { ...found, jobs: jobs.filter((job) => job.branch === found.branch) };
    },
  );
  app.get(
    '/api/projects/:project/branches/:branch/releases',
    {
      config: read,
      schema: {
        operationId: 'listReleases',
        summary: 'The releases of a branch that are kept, newest first.',
        params: OfBranch,
        response: { 200: z.object({ releases: z.array(PublishedRelease) }), ...refusals },
      },
    },
    async ({ params: { project, branch } }, reply) => {
      const published = await readAll(project);
      const found = branchOf(published, branch);
      return found === null ? noSuchBranch(reply, published) : { releases: found.releases };
    },
  );
  app.get(
    '/api/projects/:project/deliveries',
    {
      config: read,
      schema: {
        operationId: 'listDeliveries',
        summary: 'What the forge delivered, what it was answered and what became of it, newest first.',
        params: OfProject,
        querystring: DeliveryQuery,
        response: { 200: DeliveryList, ...refusals },
      },
    },
    async ({ params: { project }, query, log }, reply) => {
      try {
        const deliveries = await ledger.deliveries({ ...query, project });
        return {
          deliveries: deliveries.map(({ at, branches, ...delivery }) => ({
            ...delivery,
            at: time(at),
            branches: branches.map(({ ended, ...branch }) => ({
              ...branch,
              ended: ended === null ? null : { ...ended, at: time(ended.at) },
            })),
          })),
        };
      } catch (err) {
        log.warn({ err }, 'the ledger cannot be read');
        return unavailable(reply, 'the ledger cannot be read; the log says why');
      }
    },
  );
  app.get(
    '/api/jobs/:id',
    {
      config: { scope: 'any' },
      schema: {
        operationId: 'readJob',
        summary: 'What became of something that was asked for.',
        params: OfJob,
        response: { 200: JobView, ...refusals },
      },
    },
    async ({ params: { id }, token }, reply) => {
      const job = await gate('what is asked for', async () => await findJob(queues, id));
      if (job !== null && token !== null && isFor(token, job.project)) return job;
      return notThere(reply, 'there is no such job; those that ended are kept for a while only');
    },
  );
}

/** By its name or its slug. A name wins: a slug may be another branch's name. */
function branchOf({ branches }: Published, branch: string): Published['branches'][number] | null {
  return branches.find((each) => each.branch === branch) ?? branches.find((each) => each.slug === branch) ?? null;
}

function noSuchBranch(reply: FastifyReply, { project }: Published): FastifyReply {
  if (project === null)
    return unavailable(reply, 'the worker has not published how branches are yet; the next sweep does');
  return notThere(reply, 'nothing is recorded of such a branch');
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
