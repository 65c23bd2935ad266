import type { Operation, OperationResult } from '@bough/core/control/operation.ts';
import { Operation as OperationSchema } from '@bough/core/control/operation.ts';
import { describeResult } from '@bough/core/operate/describe-result.ts';
import { schemaProblems } from '@bough/core/schema-problems.ts';
import type { Cli, CommandOption, Input, Output } from '../command.ts';
import { operateAnywhere } from '../operate-anywhere.ts';
import { UsageError } from '../usage-error.ts';

/** Options of every command that changes something. */
export const operationOptions = {
  why: { value: 'TEXT', meaning: 'the reason, for those who look later' },
} as const satisfies Record<string, CommandOption>;

/** Runs one operation and says what became of it. */
export async function runOperation(
  cli: Cli,
  input: Input,
  operation: { readonly kind: Operation['kind']; readonly release?: number | null },
): Promise<Output> {
  const [project, branch] = input.args;
  const { result, finished } = await operateAnywhere(cli, ask(cli, input, { ...operation, project, branch }));
  return { value: result, text: renderResults([result]), finished };
}

/** One operation after the other on several branches of a project. */
export async function runOperations(
  cli: Cli,
  input: Input,
  kind: Operation['kind'],
  project: string,
  slugs: readonly string[],
): Promise<OperationResult[]> {
  const results: OperationResult[] = [];
  for (const slug of slugs) {
    const { result, finished } = await operateAnywhere(cli, ask(cli, input, { kind, project, branch: slug }));
    await finished;
    results.push(result);
  }
  return results;
}

/** What happened, a line each, and what a person did that is left alone. */
export function renderResults(results: readonly OperationResult[]): string {
  return results
    .flatMap((result) => [describeResult(result), ...result.drift.map((drift) => `  ${drift}`)])
    .map((line) => `${line}\n`)
    .join('');
}

/** What is asked for, with who asks and why. Throws UsageError. */
export function ask(cli: Cli, input: Input, operation: object): Operation {
  const parsed = OperationSchema.safeParse({ ...operation, by: cli.user, why: input.text('why') ?? '' });
  if (parsed.success) return parsed.data;
  throw new UsageError(schemaProblems(parsed.error).join('; '));
}
