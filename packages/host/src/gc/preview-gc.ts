import { type GcPlan, planGc } from '@bough/core/gc/plan-gc.ts';
import type { Collected } from '@bough/core/gc/store-gc.ts';
import { deadInStore } from './collect-store.ts';
import type { CollectHost } from './collect-garbage.ts';
import { observeGarbage } from './observe-garbage.ts';

/** What a collection would do now. Nothing is changed by looking. */
export interface GcPreview extends GcPlan {
  readonly freeBytes: number;
  /** Garbage of the store as it is; what only the releases to be removed need comes on top. */
  readonly dead: Collected;
}

/**
 * Plans a collection without carrying it out: for `bough gc --dry-run`, also beside a running worker. While something is
 * built it may name the root of that build as one of no release; the job itself never runs then.
 * @throws AppError COMMAND_FAILED when the store cannot be asked
 */
export async function previewGc(
  host: Omit<CollectHost, 'holdRoot'>,
  { all, signal }: { all: boolean; signal: AbortSignal },
): Promise<GcPreview> {
  const observed = await observeGarbage(host);
  const plan = planGc(observed, host.settings, all);
  return { ...plan, freeBytes: observed.freeBytes, dead: await deadInStore(host, signal) };
}
