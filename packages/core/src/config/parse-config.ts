import { AppError } from '../app-error.ts';
import { schemaProblems } from '../schema-problems.ts';
import { Config } from './config.ts';
import { relationProblems } from './relation-problems.ts';

/**
 * The configuration from a JSON text. All problems are reported at once, one a line, each with its path.
 * @throws AppError CONFIG_INVALID
 */
export function parseConfig(text: string, source: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(source, ['is not JSON'], cause);
  }
  const { data, error } = Config.safeParse(value);
  const problems = [...(error === undefined ? [] : schemaProblems(error)), ...relationProblems(value)];
  if (data === undefined || problems.length > 0) throw invalid(source, problems);
  return data;
}

function invalid(source: string, problems: string[], cause?: unknown): AppError {
  const lines = problems.map((problem) => `  - ${problem}`).join('\n');
  return new AppError(
    'CONFIG_INVALID',
    `${source} has ${problems.length} problem(s); correct them and start again:\n${lines}`,
    { cause },
  );
}
