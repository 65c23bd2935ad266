import { writeFile } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import { readersConfig } from '@bough/core/git/git-argv.ts';
import { classifyNix } from '@bough/core/nix/classify.ts';
import { evaluateArgv, flakeUrl } from '@bough/core/nix/nix-argv.ts';
import { parseEvaluation } from '@bough/core/nix/parse-evaluation.ts';
import { awaitBuilders } from './await-builders.ts';
import { healNixCache } from './heal-nix-cache.ts';
import type { Evaluate, EvaluateFlake, EvaluateFlakeRequest, NixHost, NixWatch } from './nix.ts';
import { type NixResult, runNix } from './run-nix.ts';

/**
 * Evaluates an attribute of a pinned commit to its derivation.
 * The function made throws AppError EVAL_*, SOURCE_COMMIT_GONE and the passing troubles of Nix (see `classifyNix`).
 */
export function createEvaluate(host: NixHost): Evaluate {
  const evaluateFlake = createEvaluateFlake(host);
  return async (request, watch) => {
    const mirror = host.layout.mirror(request.project);
    const readers = host.layout.mirrorReaders(request.project);
    await writeFile(readers, readersConfig(mirror)).catch(() => undefined); // no mirror: git will say so
    const env = { GIT_CONFIG_GLOBAL: readers };
    if (host.limits.allowImportFromDerivation) await awaitBuilders(host, watch); // it may build
    return await evaluateFlake({ ...request, flake: flakeUrl(mirror, request.commit), env }, watch);
  };
}

/** The same for any flake Nix can find; what it lacks of a pinned commit is its asker's risk. */
export function createEvaluateFlake(host: NixHost): EvaluateFlake {
  return async (request, watch) => {
    let result = await evaluate(host, request, watch);
    if (result.exitCode !== 0 && (await healNixCache(host, result.evidence))) {
      watch.log('the copy of the repository that Nix keeps was broken; it is made anew');
      result = await evaluate(host, request, watch);
    }
    if (result.exitCode === 0) return parseEvaluation(result.stdout);
    const { code, message, log } = classifyNix('evaluate', result.evidence, result.exitCode);
    throw new AppError(code, message, { log });
  };
}

function evaluate(
  host: NixHost,
  { id, flake, commit, attribute, env }: EvaluateFlakeRequest,
  watch: NixWatch,
): Promise<NixResult> {
  const { evalTimeoutSec, allowImportFromDerivation } = host.limits;
  return runNix(
    host,
    {
      argv: evaluateArgv({ flake, attribute, allowImportFromDerivation }),
      env,
      phase: 'evaluate',
      id,
      commit,
      timeoutSec: evalTimeoutSec,
      silenceTimeoutSec: evalTimeoutSec,
      timeoutCode: 'EVAL_TIMEOUT',
    },
    watch,
  );
}
