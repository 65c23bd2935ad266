import { type BranchFilter, type PathPattern, whyExcluded } from '../branch-patterns.ts';
import type { ForgeEvent } from './event.ts';
import { judgePaths } from './judge-paths.ts';
import { skipsCi } from './skip-ci.ts';

/** Where an event leads. With `none`, `reason` says why nothing is to be done. */
export type Route =
  | {
      readonly to: 'build';
      readonly branch: string;
      readonly seen: string;
      /** Why `seen` is not to be built. Git cannot tell, so a job has to note it, or the sweep would build it after all. */
      readonly skip?: string;
      /** What else there is to say to the forge. */
      readonly note?: string;
    }
  | { readonly to: 'sweep' }
  | { readonly to: 'none'; readonly reason: string };

/** Which pushes a project builds; a `Project` is one. */
export interface PushFilter extends BranchFilter {
  readonly paths: readonly PathPattern[];
}

/**
 * What is to be done about an event of a project. A deletion only wakes the sweep: the forge's refs decide what is gone, so a
 * forged or late deletion takes nothing down.
 */
export function routeEvent(event: ForgeEvent, filter: PushFilter): Route {
  switch (event.kind) {
    case 'ping':
      return { to: 'none', reason: 'the webhook is set up' };
    case 'ignored':
      return { to: 'none', reason: event.reason };
    case 'delete':
      return { to: 'sweep' };
    case 'push':
      return routePush(event, filter);
  }
}

function routePush(push: Extract<ForgeEvent, { kind: 'push' }>, filter: PushFilter): Route {
  const excluded = whyExcluded(filter, push.branch);
  if (excluded !== null) return { to: 'none', reason: excluded };
  if (skipsCi(push.message)) return { to: 'none', reason: 'the head commit asks not to be built' };
  const verdict = judgePaths(filter.paths, push.files);
  if (verdict !== null && 'skip' in verdict) return { to: 'none', reason: verdict.skip };
  const build = { to: 'build', branch: push.branch, seen: push.commit } as const;
  if (push.skip !== undefined) return { ...build, skip: push.skip, note: push.skip };
  return verdict === null ? build : { ...build, note: verdict.note };
}
