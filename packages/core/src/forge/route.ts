import { type BranchFilter, whyExcluded } from '../branch-patterns.ts';
import type { ForgeEvent } from './event.ts';
import { skipsCi } from './skip-ci.ts';

/** Where an event leads. With `none`, `reason` says why nothing is to be done. */
export type Route =
  | { readonly to: 'build'; readonly branch: string; readonly seen: string }
  | { readonly to: 'sweep' }
  | { readonly to: 'none'; readonly reason: string };

/**
 * What is to be done about an event of a project. A deletion only wakes the sweep: the forge's refs decide what is gone, so a
 * forged or late deletion takes nothing down.
 */
export function routeEvent(event: ForgeEvent, filter: BranchFilter): Route {
  switch (event.kind) {
    case 'ping':
      return { to: 'none', reason: 'the webhook is set up' };
    case 'ignored':
      return { to: 'none', reason: event.reason };
    case 'delete':
      return { to: 'sweep' };
    case 'push': {
      const reason =
        whyExcluded(filter, event.branch) ?? (skipsCi(event.message) ? 'the head commit asks not to be built' : null);
      return reason === null ? { to: 'build', branch: event.branch, seen: event.commit } : { to: 'none', reason };
    }
  }
}
