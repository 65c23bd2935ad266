import { Accepted, Refusal } from '@bough/core/api/answers.ts';
import { OfBranch, OfProject, Reason, Rollback, Rotation } from '@bough/core/api/requests.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { OperateJob } from '@bough/core/queue/jobs.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';
import type { Producer } from '@bough/host/queue/producer.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sourceOf } from '../defence/source-of.ts';
import { accepted } from '../webhook/answer.ts';

/** Where what is asked for goes. */
export interface OperationOptions {
  readonly projects: Config['projects'];
  readonly producer: Pick<Producer, 'enqueueBuild' | 'enqueueSweep' | 'enqueueOperation'>;
}

type Asked = OperateJob['operation'];
type Answer = FastifyReply;

const response = { 202: Accepted, '4xx': Refusal, '5xx': Refusal };
const ofBranch = '/api/projects/:project/branches/:branch';

/** What people ask of branches that needs no more than a reason. */
const plain = [
  { kind: 'cancel', scope: 'deploy', summary: 'Stop what is built of a branch, or waits to be; the commit is held.' },
  { kind: 'pin', scope: 'operate', summary: 'Let the release stay that is desired now.' },
  { kind: 'unpin', scope: 'operate', summary: 'Follow the branch again.' },
  { kind: 'suspend', scope: 'operate', summary: 'Stop everything of a branch and keep it stopped.' },
  { kind: 'resume', scope: 'operate', summary: 'Start a suspended, expired or deleted branch again.' },
] as const;

/** What changes something: each becomes a job, which the worker does as it does what the command line asks for. */
export async function operationRoutes(
  plainApp: FastifyInstance,
  { projects, producer }: OperationOptions,
): Promise<void> {
  const app = plainApp.withTypeProvider<ZodTypeProvider>();

  async function operate(request: FastifyRequest, reply: Answer, operation: Asked): Promise<Answer> {
    const asked = { by: 'person', name: operation.by } as const;
    const { project, branch } = operation;
    return accept(request, reply, await producer.enqueueOperation({ operation, asked }), {
      project,
      branch,
      asked: operation.kind,
      why: operation.why || undefined,
    });
  }

  app.post(
    `${ofBranch}/deploy`,
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'deploy',
        summary: 'Build the head of a branch now, and let it serve.',
        params: OfBranch,
        body: Reason,
        response,
      },
    },
    async (request, reply) => {
      const { project, branch } = request.params;
      const asked = { by: 'person', name: nameOf(request) } as const;
      const production = branch === projects[project]?.production;
      const enqueued = await producer.enqueueBuild({ project, branch, asked }, { production });
      return accept(request, reply, enqueued, { project, branch, asked: 'deploy', why: request.body?.why });
    },
  );
  for (const { kind, scope, summary } of plain)
    app.post(
      `${ofBranch}/${kind}`,
      { config: { scope }, schema: { operationId: kind, summary, params: OfBranch, body: Reason, response } },
      async (request, reply) =>
        await operate(request, reply, { kind, ...request.params, by: nameOf(request), why: request.body?.why ?? '' }),
    );
  app.post(
    `${ofBranch}/rollback`,
    {
      config: { scope: 'operate' },
      schema: {
        operationId: 'rollback',
        summary: 'Make an earlier release serve again, and keep it there.',
        params: OfBranch,
        body: Rollback,
        response,
      },
    },
    async (request, reply) => {
      const { why = '', release = null } = request.body ?? {};
      return await operate(request, reply, { kind: 'rollback', ...request.params, by: nameOf(request), why, release });
    },
  );
  app.post(
    `${ofBranch}/rotate`,
    {
      config: { scope: 'operate' },
      schema: {
        operationId: 'rotate',
        summary: 'Start what serves anew with the new content of a credential.',
        params: OfBranch,
        body: Rotation,
        response,
      },
    },
    async (request, reply) => {
      const { why = '', credential = null } = request.body ?? {};
      return await operate(request, reply, { kind: 'rotate', ...request.params, by: nameOf(request), why, credential });
    },
  );
  app.delete(
    ofBranch,
    {
      config: { scope: 'operate' },
      schema: {
        operationId: 'deletePreview',
        summary: 'Take a preview down until a new commit comes.',
        params: OfBranch,
        body: Reason,
        response,
      },
    },
    async (request, reply) =>
      await operate(request, reply, {
        kind: 'delete',
        ...request.params,
        by: nameOf(request),
        why: request.body?.why ?? '',
      }),
  );
  app.post(
    '/api/projects/:project/sweep',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'sweep',
        summary: "Compare the forge's branches with what runs, and heal what differs.",
        params: OfProject,
        body: Reason,
        response,
      },
    },
    async (request, reply) => {
      const { project } = request.params;
      const enqueued = await producer.enqueueSweep({ project, asked: { by: 'person', name: nameOf(request) } });
      return accept(request, reply, enqueued, { project, asked: 'sweep', why: request.body?.why });
    },
  );
}

/** One line in the log for each thing asked for. */
function accept(request: FastifyRequest, reply: Answer, enqueued: Enqueued, about: object): Answer {
  const { outcome, job, reason } = accepted(enqueued);
  const source = sourceOf(request);
  request.log.info({ token: request.token?.name, source, ...about, outcome, job }, 'asked through the API');
  const url = `/api/jobs/${encodeURIComponent(job ?? enqueued.job)}`;
  return reply.code(202).header('location', url).send({ outcome, job, url, reason });
}

/** Who asks: told apart from people with a shell by the word before it. */
function nameOf({ token }: FastifyRequest): string {
  return `token ${token?.name ?? ''}`;
}
