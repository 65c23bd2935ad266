import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { Evaluation } from '@bough/core/nix/parse-evaluation.ts';
import type { Progress } from '@bough/core/nix/progress.ts';
import type { Actions } from '../progress/actions.ts';
import type { RunCommand } from '../run-command.ts';
import type { BuildUser } from './build-user.ts';

/** What running Nix needs of the host. */
export interface NixHost {
  readonly layout: Layout;
  readonly run: RunCommand;
  /** Runs what reads what a branch says. Absent where Bough has no rights to take away: then `run` does. */
  readonly builder?: BuildUser | undefined;
  readonly limits: Config['build'];
  /** A builder that prints more is stopped: 64 MiB unless told. */
  readonly maxLogBytes?: number;
  /** Where is noted what is waited for. */
  readonly actions?: Pick<Actions, 'begin'>;
  /** How long builders that nobody waits for are waited for, in seconds; only tests want another. */
  readonly buildersSec?: number;
}

/** Who watches a run of Nix. */
export interface NixWatch {
  readonly signal: AbortSignal;
  /** Called with each change; may be often. */
  readonly progress: (progress: Progress) => void;
  /** One line as a person should see it. */
  readonly log: (line: string) => void;
}

/** What is evaluated. The whole log goes to `<commit>.log` of the deployment's logs. */
export interface EvaluateRequest {
  readonly id: DeploymentId;
  readonly project: string;
  readonly commit: string;
  readonly attribute: string;
  /** Whether what was found out before does not count. */
  readonly anew: boolean;
}

/** The same of a flake by its reference; `commit` names the log alone. */
export interface EvaluateFlakeRequest extends Pick<EvaluateRequest, 'id' | 'commit' | 'attribute'> {
  readonly flake: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What is built, and where its GC root goes. */
export interface RealiseRequest extends Evaluation {
  readonly id: DeploymentId;
  readonly commit: string;
  readonly root: string;
  /** Whether what failed before is built again. */
  readonly anew: boolean;
}

export type Evaluate = (request: EvaluateRequest, watch: NixWatch) => Promise<Evaluation>;
export type EvaluateFlake = (request: EvaluateFlakeRequest, watch: NixWatch) => Promise<Evaluation>;
export type Realise = (request: RealiseRequest, watch: NixWatch) => Promise<void>;
