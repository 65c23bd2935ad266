import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files of a repository, by path. */
export type Files = Readonly<Record<string, string>>;

/** The lock file of a flake without inputs, as `nix flake lock` writes it. */
const emptyLock = `{\n  "nodes": {\n    "root": {}\n  },\n  "root": "root",\n  "version": 7\n}\n`;

/** A flake that needs no nixpkgs: one derivation, built by `/bin/sh` (builds are not sandboxed in the machines). */
export function derivation(name: string, script: string, more = ''): string {
  return `derivation {
    name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; ${more}
    args = [ "-c" ''${script}'' ];
  }`;
}

/** A flake whose `packages.x86_64-linux.default` is the expression given. */
export function flakeOf(expression: string, inputs = ''): Files {
  return {
    'flake.nix': `{\n  ${inputs}\n  outputs = { self, ... }@inputs: {\n    packages.x86_64-linux.default = ${expression};\n  };\n}\n`,
    'flake.lock': emptyLock,
  };
}

/** A flake that builds a program `bin/<name>` from a shell script. */
export function appFlake(name: string, script = 'exec sleep 1000', build = ''): Files {
  const write = `mkdir -p $out/bin; printf '%s' "$program" > $out/bin/${name}; chmod 755 $out/bin/${name}`;
  return flakeOf(derivation(name, `${build}\n${write}`, `program = ''#!/bin/sh\n${script}\n'';`));
}

/** Runs git for a test, with no settings of whoever runs it. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();
}

/** Makes an empty repository with a work tree and the branch `main`. */
export function makeRepository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet', '--initial-branch=main');
}

/** Replaces everything on the branch that is checked out by `files`, and returns the new commit. */
export function commitFiles(folder: string, files: Files, message = 'a change'): string {
  git(folder, 'rm', '--quiet', '-r', '--ignore-unmatch', '.');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
  return git(folder, 'rev-parse', 'HEAD');
}
