import { existsSync } from 'node:fs';
import { AppError } from '@bough/core/app-error.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { judgePaths } from '@bough/core/forge/judge-paths.ts';
import type { Ask } from '@bough/core/queue/ask.ts';
import type { BuildJob } from '@bough/core/queue/jobs.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { BuildRun } from '../consume-builds.ts';
import type { BuildHost } from './build-host.ts';
import { hasManifest } from './has-manifest.ts';
import { whyUnwanted } from './why-unwanted.ts';

/** The head of a branch, and what stands of the branch. */
interface Head {
  readonly id: DeploymentId;
  readonly job: BuildJob;
  readonly commit: string;
  readonly message: string;
  readonly recorded: Deployment;
  readonly releases: readonly Release[];
  readonly asks: readonly Ask[];
  readonly run: BuildRun;
}

/**
 * Why a head is not built; `null`: it is. A person who asks is heeded, and who asked before for what is lost since. Who pushes what is
 * not to be built takes nothing back of what was pushed before.
 */
export async function whySkipped(host: BuildHost, head: Head): Promise<string | null> {
  const known = head.recorded.head;
  const wasReleased = known !== null && 'release' in known && known.commit === head.commit;
  if (head.job.asked.by === 'person' || head.run.attemptIsRetry || wasReleased || isLost(head)) return null;
  const unwanted = await whyUnwanted(host.mirror, head.id.project, head);
  if (unwanted !== null && unwanted.owed === null) return unwanted.reason;
  if (unwanted !== null)
    head.run.log(
      `it is built although ${unwanted.reason}: ${unwanted.owed}, which is in it, was asked for and is not built yet`,
    );
  return whyUntouched(host, head);
}

/** Whether what is to serve was there once, and its record or its output is not any more; see `compareRefs`. */
function isLost({ recorded: { desired, pinned }, releases }: Head): boolean {
  const standing = releases.find(({ seq }) => seq === desired);
  return desired !== null && pinned === null && (standing === undefined || !existsSync(standing.outPath));
}

/**
 * Why the files the project builds for are those of the desired release, where that serves well and as it should. While it
 * is pinned it is not what would serve else, so a head that equals it has to be told from what is newer than the pin.
 */
async function whyUntouched(host: BuildHost, { id, commit, recorded, releases, run }: Head): Promise<string | null> {
  const paths = host.config.projects[id.project]?.paths ?? [];
  const standing = releases.find(({ seq }) => seq === recorded.desired);
  const isWell =
    recorded.present && recorded.pinned === null && standing !== undefined && standing.verdict.state !== 'failed';
  if (paths.length === 0 || !isWell || !(await hasManifest(host, standing))) return null;
  try {
    const changed = await host.mirror.changedFiles(id.project, standing.commit, commit);
    const verdict = judgePaths(paths, () => ({ paths: changed }));
    return verdict !== null && 'skip' in verdict ? `since release ${standing.seq} ${verdict.skip}` : null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    run.log(`it is built, as its files could not be compared with those of release ${standing.seq}: ${error.message}`);
    return null;
  }
}
