import * as z from 'zod';
import { AppError } from '../app-error.ts';
import { BranchName } from '../branch-name.ts';
import { Commit, isNoCommit } from '../commit.ts';
import type { ForgeEvent } from './event.ts';

const Push = z.looseObject({
  ref: z.string().startsWith('refs/'),
  after: Commit,
  created: z.boolean().default(false),
  deleted: z.boolean().default(false),
  forced: z.boolean().default(false),
  head_commit: z.looseObject({ message: z.string() }).nullish(),
});

const Ref = z.looseObject({ ref: z.string().min(1), ref_type: z.string().min(1) });

const heads = 'refs/heads/';
const tags = 'refs/tags/';

/**
 * What a GitHub delivery says: `eventName` is its `X-GitHub-Event`, `body` the parsed JSON. Only the few fields that are
 * needed are looked at (https://docs.github.com/webhooks/webhook-events-and-payloads).
 * @throws AppError DELIVERY_INVALID where one of them is missing or of another type
 */
export function parseGithubEvent(eventName: string, body: unknown): ForgeEvent {
  switch (eventName) {
    case 'ping':
      return { kind: 'ping' };
    case 'push':
      return pushed(parse(Push, eventName, body));
    case 'delete':
      return deleted(parse(Ref, eventName, body));
    case 'create':
      return { kind: 'ignored', reason: 'the push event tells of new branches too' };
    default:
      return { kind: 'ignored', reason: `events of the kind ${eventName} are not for Bough` };
  }
}

function pushed(push: z.infer<typeof Push>): ForgeEvent {
  if (push.ref.startsWith(tags)) return { kind: 'ignored', reason: 'a tag, not a branch' };
  if (!push.ref.startsWith(heads)) return { kind: 'ignored', reason: 'a ref that is not a branch' };

  const branch = BranchName.safeParse(push.ref.slice(heads.length));
  if (!branch.success) return unusableBranch(branch.error);
  if (push.deleted || isNoCommit(push.after)) return { kind: 'delete', branch: branch.data };
  return {
    kind: 'push',
    branch: branch.data,
    commit: push.after,
    change: push.created ? 'created' : push.forced ? 'forced' : 'updated',
    message: push.head_commit?.message ?? '',
  };
}

function deleted({ ref, ref_type: type }: z.infer<typeof Ref>): ForgeEvent {
  if (type !== 'branch') return { kind: 'ignored', reason: `a ${type === 'tag' ? 'tag' : 'ref'}, not a branch` };
  const branch = BranchName.safeParse(ref);
  return branch.success ? { kind: 'delete', branch: branch.data } : unusableBranch(branch.error);
}

function unusableBranch(error: z.ZodError): ForgeEvent {
  return { kind: 'ignored', reason: `the branch name ${error.issues[0]?.message ?? 'is unusable'}` };
}

function parse<T extends z.ZodType>(schema: T, eventName: string, body: unknown): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`);
  throw new AppError('DELIVERY_INVALID', `The ${eventName} event is not what GitHub sends: ${fields.join('; ')}`);
}
