import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { Config } from '@bough/core/config/config.ts';
import { Project } from '@bough/core/config/project.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { parseFlakeReference } from '@bough/core/nix/flake-reference.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import { createEvaluateFlake } from '@bough/host/nix/evaluate.ts';
import type { NixHost, NixWatch } from '@bough/host/nix/nix.ts';
import { nixSystem } from '@bough/host/nix/nix-system.ts';
import { readManifest } from '@bough/host/nix/read-manifest.ts';
import { createRealise } from '@bough/host/nix/realise.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import type { Alone } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Names the logs of these runs of Nix, which go with their folder. */
const id = { project: 'manifest', slug: 'flake' };
const commit = 'flake';

/**
 * What a branch would run whose head were this flake: evaluated and built as the worker does it, with a project's and the
 * host's defaults. Nothing is left but what Nix keeps until it collects garbage.
 * @throws UsageError; AppError EVAL_*, BUILD_*, APP_MANIFEST, APP_NO_PROGRAM and the troubles of Nix
 */
export async function manifestOfFlake({ log, environment, note, signal }: Alone, text: string): Promise<Manifest> {
  const reference = parseFlakeReference(text, nixSystem());
  if (reference === null)
    throw new UsageError(`${text} is no flake, such as . or ./app#web; of a project a BRANCH is needed too`);
  const folder = await mkdtemp(`${tmpdir()}/bough-manifest-`);
  try {
    const caches = environment['XDG_CACHE_HOME'] ?? `${homedir()}/.cache`;
    const host: NixHost = {
      layout: {
        ...layoutOf({ stateDir: folder, runtimeDir: folder, unitDir: folder }),
        nixCache: `${caches}/bough/nix`, // what is fetched for one look is there for the next
      },
      run: createRunCommand({ log, environment }),
      limits: Config.shape.build.parse(undefined),
    };
    const watch: NixWatch = { signal, log: note, progress: () => undefined };
    const evaluation = await createEvaluateFlake(host)({ ...reference, id, commit }, watch);
    await createRealise(host)({ ...evaluation, id, commit, root: `${folder}/result`, anew: true }, watch);
    return await readManifest(evaluation.outPath, Project.pick({ listen: true, health: true }).parse({}));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
