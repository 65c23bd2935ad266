import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { readSettings } from './settings.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bough-settings-'));
  await Promise.all(['board', 'one', 'two'].map((name) => writeFile(join(folder, name), `${name}-geheim\n`)));
});
after(() => rm(folder, { recursive: true }));

const config = () => ({
  board: { passwordFile: join(folder, 'board') },
  projects: {
    demo: { remote: '/r.git', url: 'http://localhost', webhookSecretFiles: [join(folder, 'one'), join(folder, 'two')] },
  },
});

test('a good configuration comes with every secret', async () => {
  const settings = await readSettings(await written(config()));

  assert.ok(!('problems' in settings));
  assert.equal(settings.config.receiver.port, 9010);
  assert.equal(settings.boardPassword, 'board-geheim');
  assert.equal(settings.redisPassword, undefined);
  assert.deepEqual([...settings.webhookSecrets], [['demo', ['one-geheim', 'two-geheim']]]);
});

test('secrets that systemd hands over are read from its folder alone', async () => {
  const path = await written({ ...config(), board: { passwordFile: '/nowhere/board' } });
  const credentials = await mkdtemp(join(folder, 'credentials-'));
  const names = ['board.passwordFile', 'projects.demo.webhookSecretFiles.0', 'projects.demo.webhookSecretFiles.1'];
  await Promise.all(names.map((name) => writeFile(join(credentials, name), `handed ${name}`)));

  const settings = await readSettings(path, credentials);

  assert.ok(!('problems' in settings), 'it is read');
  assert.equal(settings.boardPassword, 'handed board.passwordFile');
  assert.deepEqual(
    settings.webhookSecrets.get('demo'),
    names.slice(1).map((name) => `handed ${name}`),
  );
});

test('a secret whose file is not there yet is told by that file, and may pass, unless the configuration is wrong as well', async () => {
  const credentials = await mkdtemp(join(folder, 'credentials-'));
  const names = ['board.passwordFile', 'projects.demo.webhookSecretFiles.0', 'projects.demo.webhookSecretFiles.1'];
  await Promise.all(names.map((name, index) => writeFile(join(credentials, name), index === 1 ? '\n' : 'handed over')));

  const settings = await readSettings(await written(config()), credentials);
  const wrong = await readSettings(await written({ ...config(), sweepIntervalSecs: 5 }), credentials);

  const said = `${names[1]}: SECRET_UNREADABLE: The secret file ${join(folder, 'one')} is missing or empty; write the secret into it.`;
  assert.deepEqual(settings, { problems: [said], mayPass: true });
  assert.ok('problems' in wrong && wrong.problems.includes(said) && !wrong.mayPass);
});

test('misspelt settings and unreadable secrets are told at once, without any secret', async () => {
  const { demo } = config().projects;
  const settings = await readSettings(
    await written({
      ...config(),
      sweepIntervalSecs: 5,
      redis: { passwordFile: join(folder, 'missing') },
      projects: { demo: { ...demo, remotes: 'x', webhookSecretFiles: [join(folder, 'gone'), join(folder, 'one')] } },
    }),
  );

  assert.ok('problems' in settings);
  const text = settings.problems.join('\n');
  for (const named of [
    'sweepIntervalSecs',
    'remotes',
    'redis.passwordFile',
    '/missing',
    'projects.demo.webhookSecretFiles.0',
    '/gone',
  ]) {
    assert.ok(text.includes(named), `${named} is not in:\n${text}`);
  }
  assert.doesNotMatch(text, /geheim/);
});

test('keys to sign with that are none are told with all else, and what they hold is not', async () => {
  const { demo } = config().projects;
  const [empty, short, notBase64] = ['whsec_', `whsec_${Buffer.alloc(16).toString('base64')}`, 'whsec_geheim!'];
  const files = await Promise.all(
    [empty, short, notBase64].map(async (secret, index) => {
      await writeFile(join(folder, `key-${index}`), `${secret}\n`);
      return join(folder, `key-${index}`);
    }),
  );
  const signed = { ...demo, url: 'http://signed.localhost', forge: 'gitlab', webhookSecretFiles: files };
  const plain = { ...demo, webhookSecretFiles: files.slice(0, 1) }; // with GitHub it is a secret as any other

  const settings = await readSettings(
    await written({ ...config(), board: { passwordFile: '/nowhere/board' }, projects: { demo: plain, signed } }),
  );

  assert.ok('problems' in settings);
  assert.deepEqual(
    settings.problems.filter((line) => line.includes('webhookSecretFiles')),
    [
      'projects.signed.webhookSecretFiles.0: what follows whsec_ is a key of 0 bytes; 24 are the least',
      'projects.signed.webhookSecretFiles.1: what follows whsec_ is a key of 16 bytes; 24 are the least',
      'projects.signed.webhookSecretFiles.2: what follows whsec_ is not base64',
    ],
  );
  assert.match(settings.problems.join('\n'), /board\.passwordFile/);
  assert.doesNotMatch(settings.problems.join('\n'), /geheim/);
});

test('a file that is no JSON, and no file, are one problem each', async () => {
  await writeFile(join(folder, 'broken.json'), '{');

  for (const [name, code] of [
    ['broken.json', /CONFIG_INVALID/],
    ['nowhere.json', /CONFIG_UNREADABLE/],
  ] as const) {
    const settings = await readSettings(join(folder, name));

    assert.ok('problems' in settings);
    assert.equal(settings.problems.length, 1);
    assert.match(settings.problems[0] ?? '', code);
  }
});

async function written(value: unknown): Promise<string> {
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify(value));
  return path;
}
