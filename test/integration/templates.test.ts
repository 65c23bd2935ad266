// One Debian is enough: the templates are files; that Nix builds such flakes is in `realise.test.ts`.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { buildFlake } from '../support/build-flake.ts';
import { templateFiles, templates } from '../support/template-files.ts';
import { until } from '../support/until.ts';

function start(t: TestContext, [program = '', ...args]: readonly string[], port: number): void {
  const env = { PATH: process.env['PATH'], HOME: '/tmp', PORT: String(port), HOST: '127.0.0.1', BASE_PATH: '/main' };
  const child = spawn(program, args, { env: { ...env, BOUGH_BRANCH: 'main' }, stdio: 'ignore' });
  t.after(() => child.kill());
}

const answers = (port: number, path: string, text: string) =>
  until(`${path} answers ${text}`, async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
    return (await response?.text())?.includes(text);
  });

for (const name of ['bun', 'node', 'python', 'static']) {
  test(`the template ${name} is built, says its health path, and a README commit gives the same output`, async (t) => {
    const { manifest, outPath } = await buildFlake(t, templateFiles(name));
    const { outPath: afterReadme } = await buildFlake(t, { ...templateFiles(name), 'README.md': 'new words' });

    assert.match(manifest.services['web']?.health.path ?? '', /^\/health/);
    assert.equal(afterReadme, outPath);
  });
}

test('the template node answers, with the path of its branch in its links', async (t) => {
  const { manifest } = await buildFlake(t, templateFiles('node'));

  start(t, manifest.services['web']?.exec ?? [], 18_111);

  await answers(18_111, '/health', 'ok');
  await answers(18_111, '/', 'This is main. <a href="/main/health">');
});

test('the template static answers', async (t) => {
  const { manifest } = await buildFlake(t, templateFiles('static'));

  start(t, manifest.services['web']?.exec ?? [], 18_112);

  await answers(18_112, '/health.txt', 'ok');
  await answers(18_112, '/', '<title>Hello</title>');
});

test('the flake offers every folder of templates, each with what it says of itself and what to do before a push', () => {
  const expression = `builtins.mapAttrs (name: { path, description, welcomeText }: [ (baseNameOf path) description welcomeText ]) (import ${templates})`;
  const argv = ['--eval', '--strict', '--json', '--expr', expression];
  const offered: Record<string, [string, string, string]> = JSON.parse(
    execFileSync('nix-instantiate', argv, { encoding: 'utf8' }),
  );

  const folders = readdirSync(templates, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(Object.keys(offered).toSorted(), folders.map(({ name }) => name).toSorted());
  for (const [name, [path, description, welcome]] of Object.entries(offered)) {
    assert.equal(path, name);
    assert.ok(templateFiles(name)['flake.nix']?.includes(`  description = "${description}";`));
    assert.match(welcome, /^ {4}git add \.\n {4}nix flake lock\n {4}git add flake\.lock\n/m);
  }
});
