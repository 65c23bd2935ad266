import { readFileSync } from 'node:fs';
import { root } from './build-flake.ts';
import { type Files, flakeOf } from './flake.ts';

/** A branch that declares its services. It brings `nix/` of Bough along, as the machines can fetch no flake. */
export function manifestFlake(fields: string, files: Files = {}): Files {
  return {
    ...flakeOf(`(import ./bough/lib.nix).mkDeployment { system = "x86_64-linux"; ${fields} }`),
    ...Object.fromEntries(
      ['lib.nix', 'check-manifest.nix'].map((name) => [`bough/${name}`, readFileSync(`${root}nix/${name}`, 'utf8')]),
    ),
    ...files,
  };
}
