import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Project } from '@bough/core/config/project.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import { readManifest } from '@bough/host/nix/read-manifest.ts';
import type { Files } from './flake.ts';
import { tempHost } from './temp-host.ts';

/** The checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What Nix needs of the environment here. */
export const nixEnv = { NIX_REMOTE: 'daemon', HOME: '/root' };

const project = Project.parse({ remote: '/x', webhookSecretFiles: ['/x'], url: 'http://localhost' });

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Writes the stand-in of nixpkgs as a flake. */
export function writeNixpkgs(folder: string): void {
  writeFiles(folder, {
    'flake.nix': `{
  outputs = _: {
    lib = import ./stand-in-lib.nix;
    legacyPackages.x86_64-linux = import ./stand-in-nixpkgs.nix "${process.execPath}";
  };
}`,
  });
  for (const name of ['stand-in-lib.nix', 'stand-in-nixpkgs.nix'])
    cpSync(`${root}test/support/${name}`, `${folder}/${name}`);
}

/** Writes what stands in for the inputs of a flake of these files, and gives the words that tell Nix. */
export function writeInputs(folder: string, files: Files): string[] {
  writeNixpkgs(`${folder}/nixpkgs`);
  cpSync(`${root}flake.nix`, `${folder}/bough/flake.nix`);
  cpSync(`${root}nix`, `${folder}/bough/nix`, { recursive: true });
  return ['nixpkgs', 'bough']
    .filter((name) => files['flake.nix']?.includes(`inputs.${name}.url`))
    .flatMap((name) => ['--override-input', name, `path:${folder}/${name}`]);
}

/** Builds a flake of these files, offline, with Bough's flake and the stand-in of nixpkgs for its inputs. */
export async function buildFlake(t: TestContext, files: Files): Promise<{ outPath: string; manifest: Manifest }> {
  const { folder, run } = tempHost(t);
  writeFiles(`${folder}/app`, files);
  const inputs = writeInputs(folder, files);
  const flake = `path:${folder}/app#packages.x86_64-linux.default`;
  const { stdout } = await run(['nix', 'build', '--json', '--out-link', `${folder}/result`, ...inputs, flake], {
    env: nixEnv,
  });
  const [{ outputs }]: [{ outputs: { out: string } }] = JSON.parse(stdout);
  return { outPath: outputs.out, manifest: await readManifest(outputs.out, project) };
}
