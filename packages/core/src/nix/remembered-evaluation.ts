import * as z from 'zod';
import { Commit } from '../commit.ts';
import { Evaluation } from './parse-evaluation.ts';

/** What was asked of Nix; the answer to the same question is the same, as flakes are evaluated purely. */
const Question = z.strictObject({ commit: Commit, attribute: z.string(), allowImportFromDerivation: z.boolean() });
export type Question = z.infer<typeof Question>;

/** The last evaluation of a deployment. `evaluation.json`. */
export const RememberedEvaluation = z.strictObject({
  schema: z.literal(1),
  question: Question,
  evaluation: Evaluation,
});
export type RememberedEvaluation = z.infer<typeof RememberedEvaluation>;

/** The evaluation that a file's text remembers for a question; `null` for another question and for what is no such text. */
export function parseRemembered(text: string, question: Question): Evaluation | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null; // a power cut may have left half of it
  }
  const found = RememberedEvaluation.safeParse(json).data;
  const isSame =
    found?.question.commit === question.commit &&
    found.question.attribute === question.attribute &&
    found.question.allowImportFromDerivation === question.allowImportFromDerivation;
  return isSame ? found.evaluation : null;
}
