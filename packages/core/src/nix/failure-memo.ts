import * as z from 'zod';
import { Commit } from '../commit.ts';
import type { ErrorCode } from '../error-table.ts';
import { drvName } from './drv-name.ts';

/** What is worth remembering: a builder that ran and failed does so again. What time or the network decides may pass. */
const memorable = ['BUILD_FAILED', 'BUILD_NO_OUTPUT'] as const satisfies readonly ErrorCode[];

/** That a derivation failed, and how. `failures/<name of the derivation>.json`. */
export const FailureMemo = z.strictObject({
  schema: z.literal(1),
  drvPath: z.string(),
  code: z.enum(memorable),
  message: z.string(),
  log: z.array(z.string()),
  commit: Commit,
  at: z.iso.datetime(),
});
export type FailureMemo = z.infer<typeof FailureMemo>;

/** How the memo is told to whoever wants the same derivation again. */
export function describeMemo({ drvPath, message, commit, at }: FailureMemo): string {
  return `${message}; ${drvName(drvPath)} is not built again: it failed at ${at}, for commit ${commit.slice(0, 12)}. Press retry to build it anew`;
}
