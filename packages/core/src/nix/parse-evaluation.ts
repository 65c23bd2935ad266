import * as z from 'zod';
import { AppError } from '../app-error.ts';

const path = z.string().regex(/^\/nix\/store\/[0-9a-z]{32}-[^/]+$/);
const Answer = z.tuple([z.object({ drvPath: path.endsWith('.drv'), outputs: z.record(z.string(), path.nullable()) })]);

/** What a flake's attribute evaluates to: its derivation, and the output that holds its programs. */
export const Evaluation = z.strictObject({ drvPath: path.endsWith('.drv'), output: z.string(), outPath: path });
export type Evaluation = z.infer<typeof Evaluation>;

/**
 * Reads the JSON of `nix build --dry-run --json`. Of several outputs it takes `bin`, else `out`, else the first:
 * Nix lists only those that are meant to be installed.
 * @throws AppError EVAL_ERROR for what is no derivation with a path known before it is built
 */
export function parseEvaluation(json: string): Evaluation {
  let answer: z.infer<typeof Answer>;
  try {
    answer = Answer.parse(JSON.parse(json));
  } catch (cause) {
    throw new AppError('EVAL_ERROR', 'the attribute is no single derivation; let it be one package', { cause });
  }
  const [{ drvPath, outputs }] = answer;
  const output = ['bin', 'out', ...Object.keys(outputs)].find((name) => name in outputs) ?? '';
  const outPath = outputs[output] ?? null;
  if (outPath === null) {
    throw new AppError(
      'EVAL_ERROR',
      `the path of output ${output} is not known before it is built (content-addressed derivations are not supported)`,
    );
  }
  return { drvPath, output, outPath };
}
