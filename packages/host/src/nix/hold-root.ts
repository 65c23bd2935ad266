import { AppError } from '@bough/core/app-error.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { rootArgv } from '@bough/core/nix/nix-argv.ts';
import { makeFolder } from '../make-folder.ts';
import type { NixHost } from './nix.ts';
import { nixEnvironment } from './run-nix.ts';

/**
 * Makes the GC root of a release again, where somebody removed it.
 * The function made throws AppError GC_RACE when the store path is gone and no binary cache has it.
 */
export function createHoldRoot({ layout, run }: Pick<NixHost, 'layout' | 'run'>) {
  return async (id: DeploymentId, seq: number, outPath: string, signal: AbortSignal): Promise<void> => {
    await makeFolder(layout.releases(id));
    try {
      const env = await nixEnvironment(layout.nixCache);
      await run(rootArgv(outPath, layout.releaseRoot(id, seq)), { env, signal, timeoutMs: 120_000 });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new AppError('GC_RACE', `${outPath} of release ${seq} cannot be held; push again to build it anew`, {
        cause,
      });
    }
  };
}
