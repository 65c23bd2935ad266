import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './place.ts';
import { quote } from './quote.ts';

/** The Node of the demo as the sample app names it; see sample-app/flake.nix. */
export interface StoreNode {
  readonly name: string;
  readonly system: string;
  readonly sha256: string;
}

export interface RepositoryOptions {
  readonly folder: string;
  /** Where the hook sends its webhooks, and the secret it signs them with. */
  readonly webhook: { readonly url: string; readonly secret: string };
  /** Where the branches are reached. */
  readonly site: string;
}

/** A bare repository whose hook tells Bough of every push, as GitHub would. Returns its path. */
export async function createRepository({ folder, webhook, site }: RepositoryOptions): Promise<string> {
  const repository = join(folder, 'hello.git');
  await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', '--', repository);
  await writeFile(join(repository, 'bough-demo.json'), JSON.stringify({ webhook, site }), { mode: 0o600 });
  const announce = join(import.meta.dirname, 'announce.ts');
  const hook = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(announce)} ${quote(join(repository, 'bough-demo.json'))}\n`;
  await writeFile(join(repository, 'hooks/post-receive'), hook, { mode: 0o755 });
  return repository;
}

/** Pushes two branches of the sample app in one go. Returns their heads. */
export async function pushSample(folder: string, repository: string, node: StoreNode): Promise<Map<string, string>> {
  const work = join(folder, 'seed');
  await mkdir(work);
  await cp(join(import.meta.dirname, 'sample-app'), work, { recursive: true });
  await writeFile(join(work, 'node.json'), `${JSON.stringify(node, null, 2)}\n`);
  await git(work, 'init', '--quiet', '--initial-branch=main');
  await commit(work, 'The smallest app');
  await git(work, 'switch', '--quiet', '--create', 'feature/hello');
  const greeting = join(work, 'src/greeting.js');
  await writeFile(greeting, (await readFile(greeting, 'utf8')).replace('the main branch', 'a feature branch'));
  await commit(work, 'Greet from the feature branch');
  await git(work, 'push', '--quiet', repository, 'main', 'feature/hello');

  const heads = new Map<string, string>();
  for (const branch of ['main', 'feature/hello']) heads.set(branch, (await git(work, 'rev-parse', branch)).trim());
  return heads;
}

async function commit(work: string, message: string): Promise<void> {
  await git(work, 'add', '--all');
  await git(
    work,
    '-c',
    'user.name=Bough',
    '-c',
    'user.email=demo@bough.invalid',
    'commit',
    '--quiet',
    '--message',
    message,
  );
}

// Neither the person's settings (signing, templates, hooks) nor a repository this is run in should matter.
async function git(work: string, ...argv: string[]): Promise<string> {
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  const { stdout } = await run(['git', '-C', work, ...argv], { env });
  return stdout;
}
