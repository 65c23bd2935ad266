import { readFileSync } from 'node:fs';

/** One package of the npm registry, with what its tarball hashes to. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** What nix/npm-packages.nix fetches for production. */
export function productionTarballs(): Tarball[] {
  const text = readFileSync(new URL('../../nix/npm-packages.json', import.meta.url), 'utf8');
  const { production }: { production: { store: Record<string, Tarball> } } = JSON.parse(text);
  return Object.values(production.store);
}

/** Where a cache of npm keeps a tarball: by its hash. */
export function tarballPath(cache: string, integrity: string): string {
  const hex = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');
  return `${cache}/_cacache/content-v2/sha512/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex.slice(4)}`;
}
