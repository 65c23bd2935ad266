import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { CommandOption } from '../../apps/cli/src/command.ts';
import { commandTable } from '../../apps/cli/src/command-table.ts';
import { commonOptions } from '../../apps/cli/src/parse-arguments.ts';
import { shareFiles } from '../../script/lib/install/share/share-files.ts';

const exec = promisify(execFile);
const files = shareFiles();
const folder = await mkdtemp(join(tmpdir(), 'bough-completions-'));
after(async () => await rm(folder, { recursive: true }));

/** What bash offers when a person presses Tab after these words; the last one is begun. */
async function offered(...words: string[]): Promise<string[]> {
  const script = join(folder, 'bough.bash');
  await writeFile(script, files['bash-completion/completions/bough'] ?? '');
  // `compopt` works only under readline, which this is not.
  const act =
    'compopt() { echo "compopt $*" >&2; }; source "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _bough; ';
  const argv = ['--norc', '-c', `set -eu; ${act} printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', script, 'bough', ...words];
  return (await exec('bash', argv)).stdout.split('\n').filter((word) => word !== '');
}

test('bash reads its completion without a complaint', async () => {
  const script = join(folder, 'checked.bash');
  await writeFile(script, files['bash-completion/completions/bough'] ?? '');
  assert.equal((await exec('bash', ['-n', script])).stderr, '');
});

test('bash offers every command, and help', async () => {
  assert.deepEqual((await offered('')).toSorted(), [...commandTable.map(({ name }) => name), 'help'].toSorted());
  assert.deepEqual(await offered('rollb'), ['rollback']);
  assert.deepEqual(await offered('help', 'rollb'), ['rollback']);
});

test('bash offers the options of the command that is written, and no other', async () => {
  for (const { name, options } of commandTable) {
    const expected = Object.keys({ ...options, ...commonOptions }).map((option) => `--${option}`);
    assert.deepEqual((await offered(name, '--')).toSorted(), expected.toSorted(), name);
  }
});

test('after an option that takes a value bash offers no option in its place', async () => {
  assert.deepEqual(await offered('rollback', 'demo', 'main', '--why', ''), []);
  assert.deepEqual(await offered('status', '--config', ''), []);
  assert.notDeepEqual(await offered('status', '--json', '--'), []);
});

test('every option that takes a value says so to zsh and fish, and a file is completed as one', () => {
  const zsh = files['zsh/site-functions/_bough'] ?? '';
  const fish = files['fish/vendor_completions.d/bough.fish'] ?? '';
  for (const { name, options } of commandTable) {
    const all: Record<string, CommandOption> = { ...options, ...commonOptions };
    for (const [option, { value }] of Object.entries(all)) {
      if (value === undefined) continue;
      const file = value === 'FILE';
      assert.match(
        zsh,
        new RegExp(`^    ${name}\\) .*'--${option}=\\[[^\\]]*\\]:${value}:${file ? '_files' : ''}'`, 'm'),
      );
      assert.match(fish, new RegExp(`from ${name}' -l ${option} -r${file ? 'F' : ''} `));
    }
  }
});

test('no manual names what only one kind of installation has as the way of all', () => {
  assert.match(files['man/man5/bough.json.5'] ?? '', /\.BR bough\\-install ,\non NixOS by switching the system/);
});
