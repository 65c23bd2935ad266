import { AppError } from '../app-error.ts';
import { layoutOf, longestSocketPath } from '../layout.ts';
import { Config } from './config.ts';

const maxSocketPath = 107; // sun_path of unix(7), less its final zero byte

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
  const result = Config.safeParse(value);
  if (!result.success) {
    throw invalid(
      source,
      result.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`),
    );
  }
  const problems = relationProblems(result.data);
  if (problems.length > 0) throw invalid(source, problems);
  return result.data;
}

/** What no single field can show. */
function relationProblems(config: Config): string[] {
  const problems: string[] = [];
  if (config.ports.to < config.ports.from) problems.push('ports.to: is below ports.from');
  for (const project of Object.keys(config.projects)) {
    const length = longestSocketPath(layoutOf(config), project).length;
    if (length > maxSocketPath) {
      problems.push(
        `projects.${project}: a socket below ${config.runtimeDir} would be ${length} characters long, ${maxSocketPath} is the limit; shorten runtimeDir or the name`,
      );
    }
  }
  for (const [host, names] of Map.groupBy(Object.keys(config.projects), (name) => hostOf(config, name))) {
    if (names.length < 2) continue;
    problems.push(
      `projects.${names.join('.url, projects.')}.url: they share the host ${host}; projects are told apart by it`,
    );
  }
  return problems;
}

function hostOf(config: Config, project: string): string {
  return new URL(config.projects[project]?.url ?? 'http://localhost').hostname;
}

function invalid(source: string, problems: string[], cause?: unknown): AppError {
  const lines = problems.map((problem) => `  - ${problem}`).join('\n');
  return new AppError(
    'CONFIG_INVALID',
    `${source} has ${problems.length} problem(s); correct them and start again:\n${lines}`,
    { cause },
  );
}
