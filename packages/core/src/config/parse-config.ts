import { AppError } from '../app-error.ts';
import { layoutOf, longestSocketPath } from '../layout.ts';
import { schemaProblems } from '../schema-problems.ts';
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
    throw invalid(source, schemaProblems(result.error));
  }
  const problems = relationProblems(result.data);
  if (problems.length > 0) throw invalid(source, problems);
  return result.data;
}

/** What no single field can show. */
function relationProblems(config: Config): string[] {
  const problems: string[] = [];
  if (config.ports.to < config.ports.from) problems.push('ports.to: is below ports.from');
  const redisFolder = config.redis.url.replace(/^unix:\/\//, '').replace(/\/[^/]*$/, '');
  if (config.scope === 'system' && `${redisFolder}/`.startsWith(`${config.runtimeDir}/`))
    problems.push(
      `redis.url: the socket must have a folder of its own, not ${redisFolder}, where those of the branches are`,
    );
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
  for (const [project, { url, routing }] of Object.entries(config.projects)) {
    if (routing === 'subdomain') problems.push(...subdomainProblems(config, project, new URL(url).hostname));
  }
  return problems;
}

function subdomainProblems({ projects }: Config, project: string, host: string): string[] {
  const problems: string[] = [];
  if (/^[\d.]+$|^\[/.test(host)) {
    problems.push(`projects.${project}.routing: ${host} has no subdomains; give url a name, such as localhost`);
  }
  for (const [other, { url }] of Object.entries(projects)) {
    const otherHost = new URL(url).hostname;
    if (otherHost.slice(otherHost.indexOf('.') + 1) !== host || other === project) continue;
    problems.push(`projects.${other}.url: ${otherHost} is where a branch of projects.${project} would be`);
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
