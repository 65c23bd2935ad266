import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/**
 * Node and the folder of Bough by paths that outlive this version: the unit of a release is not written again by an upgrade,
 * and has to find what it names when a sleeping branch wakes long after. They are links of an installation to the
 * version that runs (script/install; nix/module.nix), and in a checkout the paths themselves.
 */
export function lastingProgram(): { readonly node: string; readonly root: string } {
  const lasting = linkTo(root);
  const node = `${lasting}/node/bin/node`;
  return { root: lasting, node: existsSync(node) ? node : process.execPath };
}

function linkTo(version: string): string {
  const current = resolve(join(version, '../../current'));
  if (basename(dirname(version)) === 'versions' && existsSync(current)) return current;
  if (version.startsWith('/nix/store/') && existsSync('/etc/bough/program')) return '/etc/bough/program';
  return version;
}
