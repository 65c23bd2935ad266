import * as z from 'zod';
import { BranchName } from '../branch-name.ts';
import { Commit } from '../commit.ts';
import { DeploymentId } from '../deployment-id.ts';
import { Asked } from '../queue/jobs.ts';
import { Decision } from './deployment.ts';
import { RecordedManifest } from './manifest.ts';

const storePath = z.string().regex(/^\/nix\/store\/[0-9a-z]{32}-[^/\0\n]+$/, 'is not a store path');
const time = z.iso.datetime();

/** The verdict over a release: whether it ever was fit to get requests, and if not, why. */
export const Verdict = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pending') }),
  z.object({ state: z.literal('verified'), at: time }),
  z.object({ state: z.literal('failed'), at: time, code: z.string(), message: z.string() }),
]);
export type Verdict = z.infer<typeof Verdict>;

/** Why a release was started anew without a build. `of` is the one it renews; `credential`: `null` stands for all. */
const Rotation = z.object({
  ...Decision.shape,
  of: z.int().positive(),
  credential: z.string().nullable(),
});

/** A release: numbered and immutable but for its verdict. `releases/<seq>.json`. Tolerant, see `Deployment`. */
export const Release = z.object({
  schema: z.literal(1),
  ...DeploymentId.shape,
  branch: BranchName,
  seq: z.int().positive(),
  commit: Commit,
  drvPath: storePath,
  outPath: storePath,
  manifest: RecordedManifest,
  /** Loopback port of each service that listens on `PORT`, by service. */
  ports: z.record(z.string(), z.int()),
  asked: Asked,
  /** Set where it was not built but renews another release: the same output, started anew with new credentials. */
  rotation: Rotation.optional(),
  builtAt: time,
  buildMs: z.number(),
  /** The units as first rendered, text by name. They never change after that, whatever a later Bough would render. */
  units: z.record(z.string(), z.string()).optional(),
  /** Whether every `preStart` of it has run well. */
  prepared: z.boolean().default(false),
  /** When requests were first led to it; probation counts from here. */
  switchedAt: time.nullable().default(null),
  verdict: Verdict,
});
export type Release = z.infer<typeof Release>;
