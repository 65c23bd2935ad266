import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { configJsonSchema } from '@bough/core/config/config-json-schema.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { fieldsOf } from '../../script/docs/fields-of.ts';

const nix = fileURLToPath(new URL('../../nix', import.meta.url));
const standIn = fileURLToPath(new URL('../support/stand-in-lib.nix', import.meta.url));

interface Option {
  readonly isOption: true;
  readonly type: string | { readonly each?: Options | string };
  readonly default?: unknown;
  readonly description: string;
}
type Options = { readonly [name: string]: Options | Option };

const isOption = (value: Options | Option): value is Option => 'isOption' in value;

function evaluate(): Options {
  const expression = `import ${nix}/options.nix { lib = import ${standIn}; }`;
  const argv = ['--eval', '--strict', '--json', '--expr', expression];
  return JSON.parse(execFileSync('nix-instantiate', argv, { encoding: 'utf8' }));
}

function pathsOf(options: Options, path = ''): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const full = path === '' ? name : `${path}.${name}`;
    if (!isOption(value)) return pathsOf(value, full);
    const each = typeof value.type === 'string' ? undefined : value.type.each;
    return each === undefined || typeof each === 'string' ? [full] : pathsOf(each, `${full}.<name>`);
  });
}

/** What the module would write for a configuration in which only what must be set is. */
function defaultsOf(options: Options): Record<string, unknown> {
  const values = Object.entries(options).map(([name, value]) => [
    name,
    isOption(value) ? (value.default ?? undefined) : defaultsOf(value),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

test('the NixOS module has an option for every setting but those that make no sense on NixOS', () => {
  const settings = fieldsOf(configJsonSchema()).map(({ path }) => path);

  const ofModule = settings.filter((path) => path !== '$schema' && path !== 'scope');
  assert.deepEqual(pathsOf(evaluate()).toSorted(), ofModule.toSorted());
});

test('the defaults of the options are a good configuration, and the one Bough has by itself', () => {
  const project = { remote: '/srv/repo.git', webhookSecretFiles: ['/run/secret'], url: 'http://localhost:8080' };
  const set = { board: { passwordFile: '/run/board' }, projects: { demo: project } };

  const written = { ...defaultsOf(evaluate()), ...set };

  assert.deepEqual(
    parseConfig(JSON.stringify(written), 'the options'),
    parseConfig(JSON.stringify(set), 'the smallest configuration'),
  );
});

test('every expression is well formed', () => {
  const names = readdirSync(nix, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.nix'));
  for (const name of [...names, '../flake.nix'])
    execFileSync('nix-instantiate', ['--parse', `${nix}/${name}`], { stdio: ['ignore', 'ignore', 'pipe'] });
});

test('the pnpm of the development shell is the one that package.json pins, by hashes written when it was', () => {
  const { packageManager } = JSON.parse(readFileSync(`${nix}/../package.json`, 'utf8'));
  const [, written] = /# Hashes of pnpm@(\S+)\./.exec(readFileSync(`${nix}/pnpm.nix`, 'utf8')) ?? [];

  assert.equal(`pnpm@${written}`, packageManager);
});
