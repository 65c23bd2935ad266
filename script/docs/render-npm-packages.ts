import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { productionPackages } from '../lib/install/production-packages.ts';

/** A package as pnpm places it: what it is, what its tarball hashes to, and the links to others beside it. */
interface Placed {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly links: Readonly<Record<string, string>>;
}

/**
 * `nix/npm-packages.json`: the production packages, with the integrity pnpm-lock.yaml records for each, for
 * nix/npm-packages.nix to fetch and lay out as pnpm has them here. No hash of it is made by hand.
 */
export async function renderNpmPackages(root: string): Promise<string> {
  const { links, folders } = await productionPackages(root);
  const integrities = integritiesOf(await readFile(join(root, 'pnpm-lock.yaml'), 'utf8'));
  const store: Record<string, Placed> = {};
  for (const folder of folders.toSorted()) {
    store[basename(folder)] = await readPlaced(join(root, folder, 'node_modules'), integrities);
  }
  const workspace = Object.fromEntries(
    await Promise.all(links.toSorted().map(async (link) => [link, await readlink(join(root, link))])),
  );
  return `${JSON.stringify({ workspace, store }, null, 2)}\n`;
}

/** `packages:` of a lockfile of version 9: a line with the name and version, then one with the integrity. */
function integritiesOf(lockfile: string): Map<string, string> {
  const entries = lockfile.matchAll(/^ {2}'?([^\s']+@[^\s']+?)'?:\n {4}resolution: \{integrity: (sha512-[^,}]+)/gm);
  return new Map([...entries].map(([, key = '', integrity = '']) => [key, integrity]));
}

async function readPlaced(folder: string, integrities: ReadonlyMap<string, string>): Promise<Placed> {
  const links: Record<string, string> = {};
  let own = '';
  for (const name of await namesIn(folder)) {
    const target = await readlink(join(folder, name)).catch(() => null); // EINVAL: the package itself, a folder
    if (target === null) own = name;
    else links[name] = target;
  }
  const { version } = JSON.parse(await readFile(join(folder, own, 'package.json'), 'utf8'));
  const integrity = integrities.get(`${own}@${version}`);
  if (integrity === undefined) throw new Error(`pnpm-lock.yaml has no integrity of ${own}@${version}`);
  return { name: own, version, integrity, links };
}

async function namesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name !== '.bin').toSorted();
  const scoped = names
    .filter((name) => name.startsWith('@'))
    .map(async (scope) => (await readdir(join(folder, scope))).toSorted().map((name) => `${scope}/${name}`));
  return [...names.filter((name) => !name.startsWith('@')), ...(await Promise.all(scoped)).flat()];
}
