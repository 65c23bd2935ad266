import { lastFailure } from '@bough/core/api/last-failure.ts';
import { projectField, type PublishedBranch, type PublishedProject, publishedKey } from '@bough/core/api/published.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Actions } from '../progress/actions.ts';
import type { Gate } from '../queue/gate.ts';
import { createSerialise } from '../serialise.ts';
import { readProject } from '../state/project-store.ts';
import { type Glance, lookAtDeployments, type StatusHost } from './look-at-deployments.ts';

/** What the copy is made of, and where it goes. */
export interface PublishHost extends StatusHost {
  readonly redis: Redis;
  /** Nothing waits for Redis but through it. */
  readonly gate: Gate;
  /** What every key starts with. */
  readonly prefix: string;
  readonly now: () => Date;
  readonly log: Logger;
  /** Where what is waited for is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/** Keeps the copy of the state that the receiver shows, which may not see the state itself. */
export type PublishState = ReturnType<typeof createPublishState>;

/** What changes together is looked at once: each look costs systemd two questions. */
const gatherMs = 200;

/**
 * Publishes in Redis how branches are. Nothing waits for it and nothing is decided by it: what could not be published, or
 * was lost with Redis, the next sweep publishes again.
 */
export function createPublishState(host: PublishHost) {
  const { store, redis, gate, prefix, now, log, actions } = host;
  const serialise = createSerialise(actions, () => 'whoever publishes how branches are');
  const changed = new Map<string, DeploymentId>();
  let isGathering = false;

  async function guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      if (redis.status === 'ready') await serialise('publish', work);
    } catch (err) {
      log.warn({ err, what }, 'how branches are could not be published; the next sweep does');
    }
  }

  async function publishChanged(): Promise<void> {
    const ids = [...changed.values()];
    changed.clear();
    const glances = await lookAtDeployments(host, ids);
    const work = redis.multi();
    for (const { project, slug } of ids) work.hdel(publishedKey(prefix, project), slug);
    for (const glance of glances) set(work, glance);
    await gate('how branches are', () => work.exec());
  }

  async function publishSoon(): Promise<void> {
    await sleep(gatherMs, undefined, { ref: false });
    isGathering = false;
    await guarded('branches', publishChanged);
  }

  async function publishAll(project: string): Promise<void> {
    const ids = (await store.list()).filter((id) => id.project === project);
    const glances = await lookAtDeployments(host, ids);
    const record: PublishedProject = {
      publishedAt: now().toISOString(),
      suspended: (await readProject(host, project))?.suspended ?? null,
    };
    const work = redis.multi().del(publishedKey(prefix, project));
    for (const glance of glances) set(work, glance);
    work.hset(publishedKey(prefix, project), projectField, JSON.stringify(record));
    await gate('how branches are', () => work.exec());
  }

  function set(work: ReturnType<Redis['multi']>, glance: Glance): void {
    const { project, slug } = glance.summary;
    work.hset(publishedKey(prefix, project), slug, JSON.stringify(publishedBranch(glance, now())));
  }

  return {
    /** A deployment may be another than before. */
    changed(id: DeploymentId): void {
      changed.set(`${id.project}--${id.slug}`, id);
      if (isGathering) return;
      isGathering = true;
      void publishSoon();
    },

    /** A project was looked at. */
    swept: async (project: string): Promise<void> => await guarded(project, async () => await publishAll(project)),
  };
}

function publishedBranch({ summary, url, deployment, releases }: Glance, now: Date): PublishedBranch {
  const { processes: _, ...seen } = summary;
  return {
    ...seen,
    url,
    notes: [...summary.notes],
    head: deployment.head,
    lastFailure: lastFailure(deployment, releases),
    releases: releases
      .map(({ seq, commit, builtAt, buildMs, switchedAt, verdict }) => ({
        seq,
        commit,
        builtAt,
        buildMs,
        switchedAt,
        verdict,
        isServing: seq === summary.serving,
        isDesired: seq === summary.desired,
      }))
      .toReversed(),
    publishedAt: now.toISOString(),
  };
}
