import type { BranchName } from '../branch-name.ts';
import type { Commit } from '../commit.ts';

/** The files a push touched, or why what the forge sent does not prove which they are. */
export type TouchedFiles = { readonly paths: readonly string[] } | { readonly unproven: string };

/** What a delivery says about one ref, whichever forge sent it. `ignored` was understood, but is nothing for Bough. */
export type ForgeEvent =
  | { readonly kind: 'ping' }
  | {
      readonly kind: 'push';
      readonly branch: BranchName;
      readonly commit: Commit;
      /** `forced`: the old head is not among the new one's ancestors, as far as the forge tells. */
      readonly change: 'created' | 'updated' | 'forced';
      /** The message of the head commit; empty where the forge sent none. */
      readonly message: string;
      /** Found out when asked for: most projects do not. */
      readonly files: () => TouchedFiles;
      /** Why the push itself, not its commit, asks not to be built: only the delivery knows. */
      readonly skip?: string;
    }
  | { readonly kind: 'delete'; readonly branch: BranchName }
  | { readonly kind: 'ignored'; readonly reason: string; readonly ref?: string };
