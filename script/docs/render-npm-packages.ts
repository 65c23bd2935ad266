import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path/posix';
import { ofScripts } from '../lib/install/production-packages.ts';
import { type Lockfile, parseLockfile, snapshotOf } from './lockfile.ts';

/** A package as it is laid out: what it is, what its tarball hashes to, and the links to others beside it. */
interface Placed {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly links: Readonly<Record<string, string>>;
}

/** Links of the workspace's packages by their path, and the folders they lead to. */
interface Packages {
  readonly workspace: Readonly<Record<string, string>>;
  readonly store: Readonly<Record<string, Placed>>;
}

/**
 * `nix/npm-packages.json`: what runs in production, and what tests need besides, from the lockfile alone. No hash of it is
 * made by hand, and it is the same wherever it is written: parts for one processor are left out, for all is JavaScript.
 */
export async function renderNpmPackages(root: string): Promise<string> {
  const lockfile = parseLockfile(await readFile(join(root, 'pnpm-lock.yaml'), 'utf8'));
  const production = packagesOf(lockfile, (importer, name) => importer !== '.' || ofScripts.includes(name));
  const all = packagesOf(lockfile, () => true);
  const development = {
    workspace: without(all.workspace, production.workspace),
    store: without(all.store, production.store),
  };
  return `${JSON.stringify({ production, development }, null, 2)}\n`;
}

function packagesOf(lockfile: Lockfile, isWanted: (importer: string, name: string) => boolean): Packages {
  const workspace: Record<string, string> = {};
  const store = new Set<string>();
  for (const [importer, { dependencies, devDependencies }] of Object.entries(lockfile.importers)) {
    for (const [name, { version }] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (!isWanted(importer, name)) continue;
      const local = version.startsWith('link:') ? join(importer, version.slice('link:'.length)) : null;
      const key = local === null ? snapshotOf(lockfile, name, version) : null;
      if (key !== null) addAll(lockfile, key, store);
      const path = join(importer, 'node_modules', name);
      workspace[path] = relative(dirname(path), local ?? join('node_modules/.pnpm', folderOf(key ?? '')));
    }
  }
  const placed = [...store].toSorted().map((key) => [instanceOf(key), place(lockfile, key, store)] as const);
  return { workspace, store: Object.fromEntries(placed) };
}

/** A package with all it cannot do without. */
function addAll(lockfile: Lockfile, key: string, store: Set<string>): void {
  if (store.has(key)) return;
  store.add(key);
  for (const [name, version] of Object.entries(lockfile.snapshots[key]?.dependencies ?? {}))
    addAll(lockfile, snapshotOf(lockfile, name, version), store);
}

/** What it can do without is beside it where somebody else needs that, as a peer mostly is. */
function place(lockfile: Lockfile, key: string, store: ReadonlySet<string>): Placed {
  const { name, version } = identityOf(key);
  const { dependencies, optionalDependencies } = lockfile.snapshots[key] ?? {};
  const links: Record<string, string> = {};
  for (const [other, range] of Object.entries({ ...dependencies, ...optionalDependencies })) {
    const target = snapshotOf(lockfile, other, range);
    if (store.has(target))
      links[other] = relative(dirname(join(instanceOf(key), 'node_modules', other)), folderOf(target));
  }
  const integrity = lockfile.packages[`${name}@${version}`]?.resolution.integrity;
  if (integrity === undefined) throw new Error(`pnpm-lock.yaml has no integrity of ${name}@${version}`);
  return { name, version, integrity, links };
}

function identityOf(key: string): { name: string; version: string; peers: string } {
  const [, name = '', version = '', peers = ''] = /^(.+?)@([^@(]+)(\(.*)?$/.exec(key) ?? [];
  return { name, version, peers };
}

/** The name of its folder. That of all its peers can be longer than a name may be. */
function instanceOf(key: string): string {
  const { name, version, peers } = identityOf(key);
  const suffix = peers === '' ? '' : `_${createHash('sha256').update(peers).digest('hex').slice(0, 8)}`;
  return `${name.replace('/', '+')}@${version}${suffix}`;
}

function folderOf(key: string): string {
  return join(instanceOf(key), 'node_modules', identityOf(key).name);
}

function without<T>(all: Readonly<Record<string, T>>, known: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in known)));
}
