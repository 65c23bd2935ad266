import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';

const exec = promisify(execFile);

/** Tries whatever it is asked to, as the process of its branch, and answers how each try ended. */
const trying = `import { connect } from 'node:net';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
const ways = {
  connect: (path) => new Promise((resolve, reject) => connect({ path }).on('connect', resolve).on('error', reject)),
  read: (path) => readFile(path),
  list: (path) => readdir(path),
  write: (path) => writeFile(path, 'of a neighbour'),
  kill: async (pid) => process.kill(Number(pid), 'SIGKILL'),
};
createServer(async (request, response) => {
  const [, way, what] = decodeURIComponent(request.url).split('?try=').join(' ').split(' ');
  const ended = way ? await ways[way](what).then(() => 'done', (error) => error.code) : 'trying from release 1';
  response.end(ended);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

let bough: Installation;
let neighbour: string;
before(async () => {
  bough = await install();
  await bough.push('main', appFiles({ text: 'main' }));
  await bough.push('curious', appFiles({ text: 'curious', server: trying }));
  await bough.untilServes('main', 'main');
  await bough.untilServes('curious', 'trying');
  await bough.untilIdle();
  const unit = 'bough-demo--main--r1-web.service';
  neighbour = (await systemctl('show', '--value', '--property=MainPID', unit)).trim();
});
after(async () => await bough[Symbol.asyncDispose]());

/** How something ended that the process of another branch tried. */
const tries = async (way: string, what: string) =>
  (await get(`/curious/?try=${encodeURIComponent(`${way} ${what}`)}`)).body;

test('the process of a branch does what it may, so that a refusal says something', async () => {
  assert.equal(await tries('read', '/etc/passwd'), 'done');
  assert.equal(await tries('list', '/run/bough/demo/main'), 'done');
  assert.equal(await tries('write', '/tmp/own'), 'done');
});

test('it reaches no socket: of another branch, the worker, the queues or the Nix daemon', async () => {
  for (const socket of [
    '/run/bough/demo/main/web.sock',
    '/run/bough/demo/main/r1-web.sock',
    '/run/bough/control.sock',
    '/run/bough-redis/redis.sock',
    '/nix/var/nix/daemon-socket/socket',
  ])
    assert.equal(await tries('connect', socket), 'EACCES', socket);
});

test('it reads no secret and no state, and nothing another branch keeps', async () => {
  for (const path of ['/etc/bough/webhook-secret', '/var/lib/bough/deployments'])
    assert.equal(await tries('read', path), 'EACCES', path);
  for (const area of ['/var/lib', '/var/cache']) {
    assert.equal(await tries('list', `${area}/private/bough-apps/demo--curious`), 'done');
    assert.match(await tries('list', `${area}/private/bough-apps/demo--main`), /^(EACCES|ENOENT)$/);
  }
  assert.match(await readFile(`/proc/${neighbour}/environ`, 'utf8'), /BOUGH_BRANCH=main/);
  assert.equal(await tries('read', `/proc/${neighbour}/environ`), 'ENOENT', 'it does not see the process at all');
});

test('it ends no process and writes nothing beside another branch', async () => {
  assert.equal(await tries('kill', neighbour), 'EPERM');
  assert.match(await tries('write', '/run/bough/demo/main/status.html'), /^(EACCES|EROFS)$/);
  assert.equal((await get('/main/')).status, 200);
});

test('a person of the host without rights reaches no branch past Caddy', async () => {
  const ask = ['curl', '--silent', '--show-error', '--unix-socket', '/run/bough/demo/main/web.sock', 'http://main/'];
  const asked = (user: string) =>
    exec('setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', '--', ...ask]);

  await assert.rejects(asked('dev'), /Permission denied|Couldn't connect|Could not connect|Failed to connect/);
  assert.match((await asked('bough-caddy')).stdout, /main from release 1/);
});
