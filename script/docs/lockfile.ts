import { parse } from 'yaml';

/** What is used of `pnpm-lock.yaml`, version 9. Packages by `name@version`, with their peers in parentheses behind it. */
export interface Lockfile {
  /** The packages of the workspace, by their folder. */
  readonly importers: Readonly<Record<string, Importer>>;
  readonly packages: Readonly<Record<string, { readonly resolution: { readonly integrity: string } }>>;
  readonly snapshots: Readonly<Record<string, Snapshot>>;
}

interface Importer {
  readonly dependencies?: Readonly<Record<string, { readonly version: string }>>;
  readonly devDependencies?: Readonly<Record<string, { readonly version: string }>>;
}

/** A package with what it was resolved to depend on, as it is laid out once. */
interface Snapshot {
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Parts for one processor, and peers it can do without. */
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Reads the text of a lockfile. */
export function parseLockfile(text: string): Lockfile {
  return parse(text);
}

/** The key in `snapshots` of what an import of `name` is resolved to. */
export function snapshotOf({ snapshots }: Lockfile, name: string, version: string): string {
  const key = `${name}@${version}`;
  const found = [key, version].find((one) => one in snapshots); // the version of an alias is a whole key
  if (found === undefined) throw new Error(`pnpm-lock.yaml has no ${key}`);
  return found;
}
