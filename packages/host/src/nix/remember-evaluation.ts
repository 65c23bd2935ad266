import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Evaluation } from '@bough/core/nix/parse-evaluation.ts';
import { validityArgv } from '@bough/core/nix/nix-argv.ts';
import { parseRemembered, type RememberedEvaluation } from '@bough/core/nix/remembered-evaluation.ts';
import { makeFolder } from '../make-folder.ts';
import { builderRun } from './build-user.ts';
import type { Evaluate, NixHost } from './nix.ts';
import { nixEnvironment } from './run-nix.ts';

/**
 * `evaluate`, but for a commit that was evaluated last the answer is at hand while its derivation is in the store: a
 * build that was cut short begins again at once. A person's retry asks Nix anew.
 * The function made throws what `evaluate` throws.
 */
export function rememberEvaluation(host: NixHost, evaluate: Evaluate): Evaluate {
  return async (request, watch) => {
    const { id, commit, attribute } = request;
    const question = { commit, attribute, allowImportFromDerivation: host.limits.allowImportFromDerivation };
    const file = host.layout.evaluation(id);
    const known = request.anew ? null : parseRemembered(await readFile(file, 'utf8').catch(() => ''), question);
    if (known !== null && (await isValid(host, known, watch.signal))) {
      watch.log('it was evaluated before, and its derivation is still there');
      return known;
    }
    const evaluation = await evaluate(request, watch);
    await makeFolder(dirname(file));
    // Not made to survive a power cut: what cannot be read is asked anew.
    await writeFile(file, JSON.stringify({ schema: 1, question, evaluation } satisfies RememberedEvaluation));
    return evaluation;
  };
}

/** Whether the store still has the derivation, with all it needs. */
async function isValid(host: NixHost, { drvPath }: Evaluation, signal: AbortSignal): Promise<boolean> {
  const env = await nixEnvironment(host.layout.nixCache);
  return (await builderRun(host)(validityArgv(drvPath), { env, signal, allowExitCodes: 'any' })).exitCode === 0;
}
