import type { Project } from '@bough/core/config/project.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { BuildHost, DeploymentRun } from './build-host.ts';
import { type Built, recordRelease } from './record-release.ts';

/** What a release is made of. `anew`: a person asks for what is known to have failed. */
export interface ToMake extends Omit<Built, 'seq' | 'manifest'> {
  readonly output: string;
  readonly anew: boolean;
  readonly project: Project;
}

/**
 * Builds, roots and records a release. Gives its number, and the deployment as it was before. Order: the GC root before the
 * release's record, and that before the deployment names it.
 */
export async function makeRelease(
  host: BuildHost,
  on: DeploymentRun,
  { output, anew, project, ...built }: ToMake,
): Promise<{ readonly seq: number; readonly before: Deployment }> {
  const { store, layout } = host;
  const { id, run } = on;
  const { commit, drvPath, outPath } = built;
  const claims = [await host.claimSeq(id)];
  let used: number | null = null;
  const root = async (): Promise<number> => {
    const seq = Math.max(...claims.map((claim) => claim.seq));
    await host.realise({ id, commit, drvPath, output, outPath, root: layout.releaseRoot(id, seq), anew }, run);
    return seq;
  };
  try {
    let seq = await root();
    const manifest = await host.readManifest(outPath, project);
    return await store.withLock(id, async () => {
      run.signal.throwIfAborted(); // a branch found gone meanwhile must not come back
      if (((await store.read(id))?.lastSeq ?? 0) > seq) {
        // A rotation took a later number while this was built. That is older than this, and what this falls back to.
        claims.push(await host.claimSeq(id));
        seq = await root();
      }
      const before = await recordRelease(host, on, { ...built, seq, manifest });
      used = seq;
      return { seq, before };
    });
  } finally {
    try {
      for (const { seq } of claims) {
        const isNeeded = seq === used || (used === null && (await isNamed(host, id, seq)));
        if (!isNeeded) await store.removeRelease(id, seq); // what there is of it
      }
    } finally {
      for (const { letGo } of claims) letGo();
    }
  }
}

/** Whether the deployment's record names a release. Writing it may have failed after its rename: what it names must stay. */
async function isNamed({ store }: BuildHost, id: DeploymentId, seq: number): Promise<boolean> {
  const deployment = await store.read(id).catch(() => undefined);
  if (deployment === undefined) return true; // it cannot be told; a record nothing names does no harm
  const { desired = null, head = null } = deployment ?? {};
  return desired === seq || (head !== null && 'release' in head && head.release === seq);
}
