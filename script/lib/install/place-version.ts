import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openToRead } from './open-to-read.ts';
import { places } from './places.ts';
import { productionPackages } from './production-packages.ts';
import { say } from './say.ts';
import { shareFiles } from './share/share-files.ts';

/** What of a checkout makes a version, besides its packages. */
const parts = [
  'apps',
  'packages',
  'nix',
  'script',
  'package.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  'LICENSE',
  'CHANGELOG.md',
];

/**
 * Copies what runs of a checkout, its production packages and the Node that runs this into a folder named by the content.
 * Everybody may read it, also where the checkout is for its owner alone.
 * @returns the name of the version
 */
export async function placeVersion(root: string): Promise<string> {
  const files = await filesOf(root, parts);
  const version = await contentHash(root, files);
  const folder = `${places.versions}/${version}`;
  if (!existsSync(folder)) await copyVersion(root, files, version);
  await openToRead(places.home);
  return version;
}

async function copyVersion(root: string, files: readonly string[], version: string): Promise<void> {
  say(`placing version ${version}`);
  const draft = `${places.versions}/.${version}`;
  await rm(draft, { recursive: true, force: true });
  for (const path of files) await copy(root, draft, path);
  const { links, folders } = await productionPackages(root);
  for (const path of [...links, ...folders]) await copy(root, draft, path);
  for (const [path, text] of Object.entries(shareFiles())) await write(join(draft, 'share', path), text);
  await symlink(`../../${await placeNode()}`, join(draft, 'node'));
  await rename(draft, `${places.versions}/${version}`);
}

async function placeNode(): Promise<string> {
  const name = `node-${process.versions.node}`;
  const folder = `${places.home}/${name}`;
  if (existsSync(folder)) return name;
  const draft = `${places.home}/.${name}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(`${draft}/bin`, { recursive: true });
  await copyFile(process.execPath, `${draft}/bin/node`);
  await chmod(`${draft}/bin/node`, 0o755);
  await rename(draft, folder);
  return name;
}

async function filesOf(root: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const entries = await readdir(join(root, name), { withFileTypes: true }).catch(() => null);
    if (entries === null) found.push(name);
    else {
      const below = entries.filter((entry) => !['node_modules', 'golden'].includes(entry.name));
      found.push(
        ...(await filesOf(
          root,
          below.map((entry) => `${name}/${entry.name}`),
        )),
      );
    }
  }
  return found.filter((path) => !path.endsWith('.test.ts')).toSorted();
}

/** Twelve hex digits of all that is copied, and of the Node it runs on. The lockfile stands for the packages. */
async function contentHash(root: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const path of files) {
    const text = await readFile(join(root, path));
    hash.update(`\0${path}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex').slice(0, 12);
}

async function copy(root: string, draft: string, path: string): Promise<void> {
  await mkdir(dirname(join(draft, path)), { recursive: true });
  await cp(join(root, path), join(draft, path), { recursive: true, verbatimSymlinks: true });
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
