import type { BranchName } from '../branch-name.ts';
import type { Commit } from '../commit.ts';

/** What a delivery says, whichever forge sent it. `ignored` was understood, but is nothing for Bough. */
export type ForgeEvent =
  | { readonly kind: 'ping' }
  | {
      readonly kind: 'push';
      readonly branch: BranchName;
      readonly commit: Commit;
      /** `forced`: the old head is not among the new one's ancestors. */
      readonly change: 'created' | 'updated' | 'forced';
      /** The message of the head commit; empty where the forge sent none. */
      readonly message: string;
    }
  | { readonly kind: 'delete'; readonly branch: BranchName }
  | { readonly kind: 'ignored'; readonly reason: string };
