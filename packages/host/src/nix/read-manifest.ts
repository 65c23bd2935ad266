import { open, realpath, stat } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import type { Project } from '@bough/core/config/project.ts';
import { schemaProblems } from '@bough/core/schema-problems.ts';
import { Manifest } from '@bough/core/state/manifest.ts';
import { beyondLimits } from '@bough/core/state/manifest-limits.ts';
import { printable } from '@bough/core/text/printable.ts';
import { namesIn, nullIfMissing } from '../if-there.ts';

/** What of a project's settings an app without a manifest is run with. */
export type AppSettings = Pick<Project, 'listen' | 'health'>;

const maxBytes = 1024 * 1024;
const file = 'share/bough/deployment.json';
const mostProblems = 20;
const longestProblem = 300; // characters

/**
 * What an output says its processes need: its manifest, or, without one, the one program in `bin/` as the service `web`
 * with the project's settings.
 * @throws AppError APP_MANIFEST, APP_NO_PROGRAM
 */
export async function readManifest(outPath: string, project: AppSettings): Promise<Manifest> {
  const text = await readCapped(`${outPath}/${file}`);
  if (text !== null) return await withPrograms(parseManifest(text, outPath), outPath);
  return Manifest.parse({
    schema: 1,
    services: { web: { exec: [await onlyProgram(outPath)], listen: project.listen, health: project.health } },
  });
}

function parseManifest(text: string, outPath: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('APP_MANIFEST', `${file} of ${outPath} is not JSON`, { cause });
  }
  const result = Manifest.safeParse(value);
  const problems = result.success ? beyondLimits(result.data) : schemaProblems(result.error);
  if (result.success && problems.length === 0) return result.data;
  throw manifestError(`${file} of ${outPath} is not a manifest`, problems);
}

/** With the first of the problems, shortened: the branch decides how many and how long they are. */
function manifestError(what: string, problems: readonly string[]): AppError {
  const shown = problems.slice(0, mostProblems).map((problem) => printable(problem, longestProblem));
  const log = problems.length > mostProblems ? [...shown, `and ${problems.length - mostProblems} more`] : shown;
  return new AppError('APP_MANIFEST', `${what}: ${log.join('; ')}`, { log });
}

/** The manifest, once it is clear that every program it names is one, in the store. */
async function withPrograms(manifest: Manifest, outPath: string): Promise<Manifest> {
  const problems: string[] = [];
  for (const [name, { exec, preStart }] of Object.entries(manifest.services)) {
    for (const [field, argv] of Object.entries({ exec, preStart })) {
      if (argv === undefined || (await isProgram(argv[0]))) continue;
      problems.push(`services.${name}.${field}.0: ${argv[0]} is no program in the store`);
    }
  }
  if (problems.length > 0) throw manifestError(`${file} of ${outPath}`, problems);
  return manifest;
}

async function isProgram(path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => ''); // a dangling link is no program
  if (!real.startsWith('/nix/store/')) return false;
  const found = await stat(real);
  return found.isFile() && (found.mode & 0o111) !== 0;
}

/** A link may lead to another store path and nowhere else; what it leads to must be a file of a sane size. */
async function readCapped(path: string): Promise<string | null> {
  const real = await realpath(path).catch(nullIfMissing);
  if (real === null) return null;
  if (!real.startsWith('/nix/store/')) throw new AppError('APP_MANIFEST', `${path} leads out of the store`);
  const handle = await open(real, 'r');
  try {
    const { size, isFile } = await handle.stat().then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile || size > maxBytes)
      throw new AppError('APP_MANIFEST', `${path} is no file of at most ${maxBytes} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function onlyProgram(outPath: string): Promise<string> {
  const names = await namesIn(`${outPath}/bin`);
  const programs: string[] = [];
  for (const name of names) {
    if (!name.startsWith('.') && (await isProgram(`${outPath}/bin/${name}`))) programs.push(name);
  }
  const [only] = programs;
  if (only !== undefined && programs.length === 1) return `${outPath}/bin/${only}`;
  const what =
    programs.length === 0
      ? 'no program in bin/'
      : `several programs in bin/ (${printable(programs.join(', '), longestProblem)})`;
  throw new AppError('APP_NO_PROGRAM', `${outPath} has ${what} and no ${file}; leave one, or use mkDeployment`);
}
