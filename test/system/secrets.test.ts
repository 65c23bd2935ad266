// One Debian is enough: where Bough puts secrets is its own; what systemd does with a credential is in `reconcile.test.ts`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bough as run } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { manifestFlake } from '../support/manifest-app.ts';
import { filesWith, formsOf, processesWith } from '../support/search.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
const random = (what: string) => `${what}-${randomBytes(18).toString('hex')}`;
const secrets = {
  webhook: random('webhook'),
  board: random('board'),
  redis: random('redis'),
  token: random('token'),
  rotated: random('rotated'),
};
const forms = Object.values(secrets).flatMap(formsOf);
// What an app gives away of itself, so that each place is shown to be one in which something would be found.
const control = random('control');

const tokenFile = '/etc/bough/token';
const redisUnit = 'test-redis.service';
const redisFolder = '/var/lib/test-redis';
const port = 6399;
const digest = (secret: string) => createHash('sha256').update(secret).digest('hex');

let bough: Installation;
let storeBefore: ReadonlySet<string>;
let began: string;
const carriers = new Set<string>();
const controlCarriers = new Set<string>();
const watching = new AbortController();
let watched: Promise<void>;

before(async () => {
  began = `@${Math.floor(Date.now() / 1000)}`;
  storeBefore = new Set(await readdir('/nix/store'));
  await startRedis();
  watched = watchProcesses();
  bough = await install(
    {},
    { sleepAfter: '1s', credentials: [{ name: 'token', file: tokenFile }] },
    { webhook: secrets.webhook, board: secrets.board, redis: { port, password: secrets.redis } },
  );
  for (const each of [bough.redis, bough.builds, bough.reconciles]) each.on('error', () => undefined); // it is stopped
  await writeFile(tokenFile, secrets.token, { mode: 0o600 });
});
after(async () => {
  watching.abort();
  await bough[Symbol.asyncDispose]();
  await systemctl('stop', redisUnit);
  for (const path of [redisFolder, '/etc/test-redis']) await rm(path, { recursive: true });
});

/** A Redis that asks for a password and keeps everything in files that can be read as they are. */
async function startRedis(): Promise<void> {
  await mkdir('/etc/test-redis', { recursive: true, mode: 0o700 });
  await mkdir(redisFolder, { recursive: true });
  const settings = {
    bind: '127.0.0.1',
    port,
    dir: redisFolder,
    requirepass: secrets.redis,
    appendonly: 'yes',
    'aof-use-rdb-preamble': 'no',
    rdbcompression: 'no',
    'maxmemory-policy': 'noeviction',
    supervised: 'systemd',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  await writeFile('/etc/test-redis/redis.conf', lines.join(''), { mode: 0o600 });
  await systemctl('stop', redisUnit).catch(() => undefined); // of a run before this one
  await exec('systemd-run', [
    `--unit=${redisUnit}`,
    '--property=Type=notify',
    '--property=Restart=always',
    '/usr/bin/redis-server',
    '/etc/test-redis/redis.conf',
  ]);
}

/** Looks at every process there is, over and over. */
async function watchProcesses(): Promise<void> {
  while (!watching.signal.aborted) {
    for (const found of await processesWith(forms)) carriers.add(found);
    for (const found of await processesWith([control])) controlCarriers.add(found);
    await sleep(100);
  }
}

/** An app that proves by a digest that it has the token, and shouts the control word wherever it can. */
const app = (round: string, broken = '') =>
  manifestFlake(
    `services.web = {
      exec = [ "\${derivation {
        name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; src = ./src;
        args = [ "-euc" "echo building ${control}; cp -r $src $out; chmod -R u+w $out; chmod 755 $out/run" ];
      }}/run" "${control}" ];
      environment.CONTROL = "${control}";
    };`,
    {
      'src/run': `#!/bin/sh\nexec ${process.execPath} "\${0%/run}/server.mjs" "$@"\n`,
      'src/server.mjs': `import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const token = readFileSync(process.env.CREDENTIALS_DIRECTORY + '/token', 'utf8');
console.log('started with', process.argv[2]);
writeFileSync(process.env.STATE_DIRECTORY + '/control', process.argv[2]);
${broken}
createServer((_, response) => response.end('${round} ' + createHash('sha256').update(token).digest('hex')))
  .listen(Number(process.env.PORT), '127.0.0.1');
`,
    },
  );

async function ok(...words: string[]): Promise<void> {
  const { code, stderr, stdout } = await run(words);
  assert.equal(code, 0, `bough ${words.join(' ')}: ${stderr}${stdout}`);
}

const board = async (password: string) =>
  (
    await fetch('http://127.0.0.1:9010/board', {
      headers: { authorization: `Basic ${Buffer.from(`bough:${password}`).toString('base64')}` },
    })
  ).status;

test('a whole life of two branches goes well with a secret of each kind', async () => {
  await bough.push('main', app('first'));
  await bough.untilServes('main', `first ${digest(secrets.token)}`);
  await bough.push('preview', app('preview'));
  await bough.untilServes('preview', `preview ${digest(secrets.token)}`);
  assert.equal(await board(secrets.board), 200);
  assert.equal(await board(`${secrets.board}x`), 401);
  await bough.push('main', app('second'));
  await bough.untilServes('main', 'second');
  await bough.untilIdle();

  await ok('rollback', 'demo', 'main', '--why', 'to see');
  await ok('unpin', 'demo', 'main');
  await bough.push('main', app('third', 'process.exit(3);'));
  await bough.untilIdle();
  await bough.untilServes('main', 'second');

  await systemctl('stop', redisUnit);
  assert.equal((await fetch('http://127.0.0.1:9010/readyz')).ok, false);
  await startRedis();
  await until('Redis is back', async () => (await fetch('http://127.0.0.1:9010/readyz')).ok, 20_000);

  await writeFile(`${tokenFile}.new`, secrets.rotated, { mode: 0o600 });
  await rename(`${tokenFile}.new`, tokenFile);
  await ok('rotate', 'demo', '--why', 'it leaked');
  await bough.untilServes('main', `second ${digest(secrets.rotated)}`);
  await rename(tokenFile, `${tokenFile}.away`);
  assert.equal((await run(['rotate', 'demo', 'main'])).code, 1);
  await bough.push('main', app('fourth'));
  await bough.untilIdle();
  await rename(`${tokenFile}.away`, tokenFile);

  await until(
    'the preview sleeps',
    async () =>
      (await systemctl('show', '--value', '--property=ActiveState', 'bough-demo--preview--r1-web.service')).trim() ===
      'inactive',
    20_000,
  );
  assert.equal((await get('/preview/')).body, `preview ${digest(secrets.rotated)}`);
  await bough.push('gone', app('gone'));
  await bough.untilServes('gone', 'gone');
  await bough.remove('gone');
  await bough.untilIdle();
  await until('it is taken down', async () => (await get('/gone/')).status === 404);
  await ok('sweep', 'demo');
  await bough.untilIdle();
});

test('no process had a secret in its environment or its arguments at any time', async () => {
  watching.abort();
  await watched;

  const kinds = new Set([...controlCarriers].map((file) => file.split('/').at(-1)));
  assert.deepEqual(
    kinds,
    new Set(['environ', 'cmdline']),
    'the control word was not found: the search is worth nothing',
  );
  assert.deepEqual([...carriers], []);
});

test('no file and nothing systemd, the journal or Redis tells holds a secret', async (t) => {
  const captured = '/root/captured';
  await rm(captured, { recursive: true, force: true });
  await mkdir(captured);
  t.after(() => rm(captured, { recursive: true }));
  const capture = async (name: string, ...argv: [string, ...string[]]) =>
    await writeFile(`${captured}/${name}`, (await exec(argv[0], argv.slice(1), { maxBuffer: 1 << 28 })).stdout);
  const jobs: object[] = [];
  for (const queue of [bough.builds, bough.reconciles, bough.sweeps]) {
    for (const job of await queue.getJobs())
      jobs.push({ ...job.asJSON(), logs: (await queue.getJobLogs(job.id ?? '')).logs });
  }
  await writeFile(`${captured}/jobs`, JSON.stringify(jobs));
  await capture('cat', 'systemctl', 'cat', 'bough-*');
  await capture('show', 'systemctl', 'show', '--all', 'bough-*');
  await capture('journal', 'journalctl', '--no-pager', '--output=export', `--since=${began}`);
  await capture(
    'status',
    'systemctl',
    'status',
    '--no-pager',
    '--full',
    '--lines=100',
    'bough-demo--main--*',
    'bough-worker.service',
  );
  await capture('said', `${import.meta.dirname}/../../apps/cli/bin/bough`, 'releases', 'demo', 'main', '--json');
  await bough.redis.save();

  const added = (await readdir('/nix/store')).filter((name) => !storeBefore.has(name));
  const places: Record<string, readonly string[]> = {
    'the store': added.map((name) => `/nix/store/${name}`),
    'unit files': ['/run/systemd/system', '/etc/systemd/system', '/run/systemd/transient', '/var/lib/bough/units'],
    'systemctl cat': [`${captured}/cat`],
    'systemctl show': [`${captured}/show`],
    'the journal': [`${captured}/journal`],
    'the files of Redis': [redisFolder],
    'jobs with their logs': [`${captured}/jobs`],
    'the state folder': ['/var/lib/bough'],
    'the folders of apps': ['/var/lib/private/bough-apps'],
    'systemctl status': [`${captured}/status`],
    'what bough prints': [`${captured}/said`],
  };
  // Where the app says nothing a file is put that would be found.
  const quiet = ['/run/bough', '/etc/bough', '/var/log', '/var/cache', '/tmp', '/var/tmp', '/var/lib/bough-caddy'];
  const secretFiles = ['webhook-secret', 'board-password', 'redis-password', 'token'].map(
    (name) => `/etc/bough/${name}`,
  );

  for (const [place, paths] of Object.entries(places)) {
    assert.notDeepEqual(await filesWith(formsOf(control), paths), [], `the control word is not in ${place}`);
    assert.deepEqual(await filesWith(forms, paths), [], `a secret is in ${place}`);
  }
  for (const folder of quiet) {
    const planted = `${folder}/planted`;
    await writeFile(planted, Buffer.from(control).toString('base64'));
    const [withControl, withSecret] = [await filesWith(formsOf(control), [folder]), await filesWith(forms, [folder])];
    await rm(planted);
    assert.ok(withControl.includes(planted), `nothing would be found in ${folder}`);
    assert.deepEqual(
      withSecret.filter((file) => !secretFiles.includes(file)),
      [],
      `a secret is in ${folder}`,
    );
  }
});

test('the secrets are where they belong, and the search finds them there', async () => {
  const credentials = (await readdir('/run/credentials')).filter((name) => name.startsWith('bough-demo--main--'));

  assert.deepEqual(
    await filesWith(formsOf(secrets.rotated), ['/etc/bough', ...credentials.map((name) => `/run/credentials/${name}`)]),
    [tokenFile, ...credentials.map((name) => `/run/credentials/${name}/token`)],
  );
  assert.ok(credentials.length > 0);
  for (const form of formsOf(secrets.board)) {
    await writeFile('/tmp/planted', `before${form}after`);
    assert.deepEqual(await filesWith(formsOf(secrets.board), ['/tmp/planted']), ['/tmp/planted'], form);
  }
  await rm('/tmp/planted');
  const header = Buffer.from(`bough:${secrets.board}`).toString('base64');
  assert.ok(formsOf(secrets.board).some((form) => header.includes(form)));
});
