import { projectField, PublishedBranch, publishedKey, PublishedProject } from '@bough/core/api/published.ts';
import type { Redis } from 'ioredis';
import type * as z from 'zod';

/** What is published of a project. `project`: `null` where nothing of it is, since Redis lost it or the worker never ran. */
export interface Published {
  readonly project: PublishedProject | null;
  /** In the order of their slugs. */
  readonly branches: readonly PublishedBranch[];
}

/** Reads what `createPublishState` wrote. What is not of its kind is passed over: another version may have written it. */
export async function readPublished(redis: Redis, prefix: string, project: string): Promise<Published> {
  const { [projectField]: record, ...branches } = await redis.hgetall(publishedKey(prefix, project));
  const slugs = Object.keys(branches).toSorted();
  return {
    project: parse(PublishedProject, record),
    branches: slugs.map((slug) => parse(PublishedBranch, branches[slug])).filter((branch) => branch !== null),
  };
}

function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | null {
  try {
    return schema.safeParse(JSON.parse(text ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}
