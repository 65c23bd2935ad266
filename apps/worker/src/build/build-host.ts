import type { Config } from '@bough/core/config/config.ts';
import type { Project } from '@bough/core/config/project.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { Ask } from '@bough/core/queue/ask.ts';
import type { BuildJob } from '@bough/core/queue/jobs.ts';
import type { Ruling } from '@bough/core/state/deployment.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import type { Mirror } from '@bough/host/git/mirror.ts';
import type { Evaluate, Realise } from '@bough/host/nix/nix.ts';
import type { ClaimSeq } from '@bough/host/release/claim-seq.ts';
import type { WithPorts } from '@bough/host/release/ports-for.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import type { UnitFiles } from '@bough/host/systemd/unit-files.ts';
import type { BuildRun } from '../consume-builds.ts';

/** What building needs of the host. */
export interface BuildHost {
  readonly config: Config;
  readonly layout: Layout;
  readonly mirror: Mirror;
  readonly evaluate: Evaluate;
  readonly realise: Realise;
  readonly readManifest: (outPath: string, project: Project) => Promise<Manifest>;
  readonly store: DeploymentStore;
  readonly unitFiles: UnitFiles;
  readonly claimSeq: ClaimSeq;
  readonly withPorts: WithPorts;
  readonly slugOf: (branch: string) => string;
  /** Remembers what a job asks for, whatever becomes of the job. */
  readonly rememberAsk: (job: BuildJob) => Promise<unknown>;
  /** What was asked for of a branch, the last first. */
  readonly readAsks: (of: Pick<BuildJob, 'project' | 'branch'>) => Promise<Ask[]>;
  /** Forgets of that what is settled. */
  readonly forgetAsks: (of: Pick<BuildJob, 'project' | 'branch'>, asks: readonly Ask[]) => Promise<unknown>;
  readonly enqueueReconcile: (id: DeploymentId) => Promise<unknown>;
  readonly enqueueSweep: (project: string) => Promise<unknown>;
  /** Whether the store and the state folder have as much room as a build needs. */
  readonly hasRoom: () => Promise<boolean>;
  /** Nix's name of this platform, such as `x86_64-linux`. */
  readonly system: string;
  readonly now: () => Date;
}

/** One job at work on a deployment. */
export interface DeploymentRun {
  readonly id: DeploymentId;
  readonly job: BuildJob;
  readonly run: BuildRun;
  /** What had taken it down when the job began. */
  readonly expired: Ruling | null;
}
