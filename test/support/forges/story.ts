import type { TouchedFiles } from '@bough/core/forge/event.ts';
import type { SaidEvent } from '../said-event.ts';
import type { ForgeCase } from './forge-case.ts';

/** What all the deliveries tell of: one small repository, and what happens in it. */
export const branch = 'feature/tide-table';
export const tag = 'v1.2';
export const commits = {
  before: '1f'.repeat(20),
  after: '2e'.repeat(20),
  rewritten: '3d'.repeat(20),
  merge: '4c'.repeat(20),
  none: '0'.repeat(40),
} as const;
export const message = 'Sort the tides\n\nThe table begins with the next high water.\n';
export const at = '2026-01-02T03:04:05Z';

/** What a push says of the branch. */
export function pushed(
  change: 'created' | 'updated' | 'forced',
  files: TouchedFiles,
  more: { branch?: string; commit?: string; message?: string } = {},
): SaidEvent {
  const event = { branch, commit: commits.after, message, ...more };
  return { kind: 'push', ...event, change, files };
}

export const gone = (name: string = branch): SaidEvent => ({ kind: 'delete', branch: name });
export const ofTag: SaidEvent = { kind: 'ignored', reason: 'a tag, not a branch', ref: `refs/tags/${tag}` };

export const queued = { status: 202, outcome: 'queued' } as const;
export const pong = { status: 200, outcome: 'pong', reason: 'the webhook is set up' } as const;

/** The fields of a delivery that is answered with a reason and leads nowhere. */
export function ignored(reason: string): Pick<ForgeCase, 'says' | 'answer'> {
  return { says: [{ kind: 'ignored', reason }], answer: { status: 200, outcome: 'ignored', reason } };
}

export const ignoredTag: Pick<ForgeCase, 'says' | 'answer'> = { ...ignored('a tag, not a branch'), says: [ofTag] };
export const ofOurs = 'a pull request; the push of its branch is what counts';
export const ofFork =
  'a pull request from a fork; it is built once a maintainer has pushed it to a branch of this repository';
export const ofMadeFork = 'a fork was made, and forks are never built';
export const asksNot = { status: 200, outcome: 'ignored', reason: 'the head commit asks not to be built' } as const;
