import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-flake.ts';
import type { Files } from './flake.ts';

/** Where the templates are, a folder each. */
export const templates = join(root, 'nix/templates');

/** What `nix flake init` would write of a template. */
export function templateFiles(name: string): Files {
  const folder = join(templates, name);
  const below = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = below.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}
