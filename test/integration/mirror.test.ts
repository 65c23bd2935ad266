import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { Config } from '@bough/core/config/config.ts';
import { createMirror } from '@bough/host/git/mirror.ts';
import { openHost } from '@bough/host/open-host.ts';
import { createRunCommand, type RunCommand } from '@bough/host/run-command.ts';
import { fails } from '../support/app-error.ts';
import { commitFiles, git, makeRepository } from '../support/flake.ts';
import { startSilentServer } from '../support/silent-server.ts';
import { tempHost } from '../support/temp-host.ts';
import { until } from '../support/until.ts';
import { createForgetBranch } from '../../apps/worker/src/build/forget-branch.ts';

function setUp(t: TestContext) {
  const { folder, layout, run, log } = tempHost(t);
  const remote = `${folder}/remote`;
  makeRepository(remote);
  const first = commitFiles(remote, { a: '1' }, 'first');
  return {
    folder,
    remote,
    first,
    path: layout.mirror('app'),
    layout,
    run,
    log,
    mirror: createMirror({ layout, run, fetchTimeoutMs: 20_000 }),
  };
}

test('a fetch makes the mirror follow the remote: new, moved, forced and deleted branches', async (t) => {
  const { mirror, remote, first } = setUp(t);
  git(remote, 'branch', 'feature/x');
  await mirror.fetch('app', remote);
  assert.equal((await mirror.head('app', 'feature/x'))?.commit, first);

  const second = commitFiles(remote, { a: '2' }, 'second');
  git(remote, 'branch', '-D', 'feature/x');
  git(remote, 'branch', 'feature/x/y'); // where a branch was, a folder is now
  await mirror.fetch('app', remote);

  assert.equal((await mirror.head('app', 'main'))?.commit, second);
  assert.equal(await mirror.head('app', 'feature/x'), null);
  assert.equal((await mirror.head('app', 'feature/x/y'))?.commit, second);
  git(remote, 'reset', '--quiet', '--hard', first);
  await mirror.fetch('app', remote);
  assert.equal((await mirror.head('app', 'main'))?.commit, first);
});

test('the head of a branch comes with its whole message', async (t) => {
  const { mirror, remote } = setUp(t);
  const commit = commitFiles(remote, { a: '2' }, 'A subject\n\nA body,\nof two lines: größer.');

  await mirror.fetch('app', remote);

  assert.deepEqual(await mirror.head('app', 'main'), {
    commit,
    message: 'A subject\n\nA body,\nof two lines: größer.\n\n',
  });
});

test('the message of a commit is given while a head has it and nothing known does', async (t) => {
  const { mirror, remote, first } = setUp(t);
  const second = commitFiles(remote, { a: '2' }, 'second\n\nwith words');
  const third = commitFiles(remote, { a: '3' }, 'third');
  git(remote, 'checkout', '--quiet', '-b', 'side', first);
  const beside = commitFiles(remote, { a: '4' }, 'beside');
  await mirror.fetch('app', remote);
  const missing = '1'.repeat(40);

  assert.equal((await mirror.messageOfNew('app', second, third, []))?.trimEnd(), 'second\n\nwith words');
  assert.equal((await mirror.messageOfNew('app', second, third, [first, beside, missing]))?.slice(0, 6), 'second');
  assert.equal(await mirror.messageOfNew('app', second, third, [second]), null);
  assert.equal(await mirror.messageOfNew('app', first, third, [beside]), null);
  assert.equal(await mirror.messageOfNew('app', beside, third, []), null);
  assert.equal(await mirror.messageOfNew('app', missing, third, []), null);
});

test('a pinned commit outlives a force push, pruning and housekeeping, until it is unpinned', async (t) => {
  const { mirror, remote, first, path } = setUp(t);
  const second = commitFiles(remote, { a: '2' });
  await mirror.fetch('app', remote);
  await mirror.pin('app', second);
  git(remote, 'reset', '--quiet', '--hard', first);
  await mirror.fetch('app', remote);
  git('/', `--git-dir=${path}`, 'gc', '--quiet', '--prune=now');

  assert.deepEqual(await mirror.pinned('app'), [second]);
  await mirror.pin('app', second); // again is no error
  await mirror.unpin('app', second);
  await mirror.unpin('app', second);
  assert.deepEqual(await mirror.pinned('app'), []);
});

test('a mirror is packed by its housekeeping, and by no fetch', async (t) => {
  const { mirror, remote, path, first } = setUp(t);
  const packs = () => readdirSync(`${path}/objects/pack`).filter((name) => name.endsWith('.pack')).length;
  const fetchIntoAPack = async () => {
    commitFiles(remote, { a: String(Math.random()) });
    await mirror.fetch('app', remote);
    git('/', `--git-dir=${path}`, 'repack', '--quiet');
  };
  await mirror.fetch('app', remote);
  git('/', `--git-dir=${path}`, 'config', 'gc.autoPackLimit', '1');
  await mirror.pin('app', first);

  for (let fetched = 0; fetched < 4; fetched += 1) await fetchIntoAPack();
  assert.ok(packs() >= 4, `${packs()} packs`);

  assert.equal(await mirror.tidy('app', t.signal), true);
  assert.equal(packs(), 1);
  assert.deepEqual(await mirror.pinned('app'), [first]);
  assert.equal(await mirror.tidy('none', t.signal), false);
});

test('a commit that is not there cannot be pinned', async (t) => {
  const { mirror, remote } = setUp(t);
  await mirror.fetch('app', remote);

  await assert.rejects(mirror.pin('app', '1'.repeat(40)), fails('SOURCE_COMMIT_GONE'));
});

test('the remote lists its branches, odd names included, and only branches', async (t) => {
  const { mirror, remote, first } = setUp(t);
  const names = ['feature/x', 'ünï', 'a@b', "it's", 'per%cent', '#1', 'a;b|c&d$e', 'x'.repeat(200)];
  for (const name of names) git(remote, 'branch', name);
  git(remote, 'tag', 'v1');
  git(remote, 'update-ref', 'refs/other/refs/heads/fake', first);
  git(remote, 'update-ref', 'refs/heads/-dash', first);

  const heads = await mirror.lsRemote(remote);
  await mirror.fetch('app', remote);

  assert.deepEqual([...heads.keys()].toSorted(), ['main', ...names].toSorted());
  for (const name of heads.keys()) assert.equal((await mirror.head('app', name))?.commit, first, name);
});

test('nothing is known of a project that was never fetched', async (t) => {
  const { mirror } = setUp(t);

  assert.deepEqual(await mirror.pinned('app'), []);
  await mirror.unpin('app', '1'.repeat(40));
  await mirror.remove('app');
});

test('a mirror left half-made by a kill is made whole', async (t) => {
  const { mirror, remote, first, path } = setUp(t);
  mkdirSync(`${path}/objects`, { recursive: true }); // init was killed before HEAD was written
  mkdirSync(`${path}.new`, { recursive: true });

  await mirror.fetch('app', remote);

  assert.equal((await mirror.head('app', 'main'))?.commit, first);
  assert.equal(existsSync(`${path}.new`), false);
});

test('locks and half-received packs of a killed fetch are cleared away', async (t) => {
  const { mirror, remote, path } = setUp(t);
  await mirror.fetch('app', remote);
  const second = commitFiles(remote, { a: '2' });
  for (const lock of ['refs/heads/main.lock', 'packed-refs.lock', 'HEAD.lock', 'config.lock', 'shallow.lock']) {
    writeFileSync(`${path}/${lock}`, '');
  }
  writeFileSync(`${path}/objects/pack/tmp_pack_abc`, 'half');

  await mirror.fetch('app', remote);

  assert.equal((await mirror.head('app', 'main'))?.commit, second);
  assert.deepEqual(
    readdirSync(`${path}/objects/pack`).filter((name) => name.startsWith('tmp_')),
    [],
  );
});

const damages: Record<string, (path: string) => void> = {
  'an empty HEAD': (path) => writeFileSync(`${path}/HEAD`, ''),
  'a garbled config': (path) => writeFileSync(`${path}/config`, '[core\nx'),
  'an empty ref': (path) => writeFileSync(`${path}/refs/heads/main`, ''),
  'a ref to nothing': (path) => writeFileSync(`${path}/refs/heads/main`, `${'1'.repeat(40)}\n`),
  'no objects': (path) => rmSync(`${path}/objects`, { recursive: true }),
  'garbled packed refs': (path) => writeFileSync(`${path}/packed-refs`, 'garbage\n'),
  'empty objects': (path) => {
    for (const name of readdirSync(`${path}/objects`, { recursive: true, encoding: 'utf8' })) {
      if (!/^[0-9a-f]{2}\/[0-9a-f]{38}$/.test(name)) continue;
      chmodSync(`${path}/objects/${name}`, 0o644);
      truncateSync(`${path}/objects/${name}`, 0);
    }
  },
};
for (const [damage, apply] of Object.entries(damages)) {
  for (const news of [true, false]) {
    test(`a mirror with ${damage} is healed, ${news ? 'with' : 'without'} news at the remote`, async (t) => {
      const { mirror, remote, path } = setUp(t);
      await mirror.fetch('app', remote);
      apply(path);
      if (news) commitFiles(remote, { a: '2' });

      // Where nothing is new, git may not notice before the head is read: the next try then starts afresh.
      const read = async () => {
        await mirror.fetch('app', remote);
        return (await mirror.head('app', 'main'))?.commit;
      };
      const head = await read().catch(read);

      assert.equal(head, git(remote, 'rev-parse', 'HEAD'));
      await mirror.pin('app', head ?? '');
      git('/', `--git-dir=${path}`, 'fsck', '--full');
    });
  }
}

for (const damage of ['an empty HEAD', 'garbled packed refs']) {
  test(`a mirror with ${damage} keeps no branch of a project nobody pushes to from being removed`, async (t) => {
    const { mirror, remote, path, first } = setUp(t);
    for (const work of [
      async () => assert.deepEqual(await mirror.pinned('app'), []),
      async () => await mirror.forgetHead('app', 'main'),
    ]) {
      await mirror.fetch('app', remote);
      damages[damage]?.(path);

      await work();

      await mirror.fetch('app', remote);
      assert.equal((await mirror.head('app', 'main'))?.commit, first);
    }
  });
}

test('a branch is forgotten and a commit unpinned though a git that was killed left its lock', async (t) => {
  const { mirror, remote, path, first } = setUp(t);
  await mirror.fetch('app', remote);
  await mirror.pin('app', first);
  git('/', `--git-dir=${path}`, 'pack-refs', '--all');
  writeFileSync(`${path}/packed-refs.lock`, '');

  await mirror.forgetHead('app', 'main');
  writeFileSync(`${path}/packed-refs.lock`, '');
  await mirror.unpin('app', first);

  assert.equal(await mirror.head('app', 'main'), null);
  assert.deepEqual(await mirror.pinned('app'), []);
});

test('what was pinned is pinned again in a mirror made anew', async (t) => {
  const { mirror, remote, path, first } = setUp(t);
  await mirror.fetch('app', remote);
  await mirror.pin('app', first);
  commitFiles(remote, { a: '2' });
  writeFileSync(`${path}/refs/heads/main`, '');

  await mirror.fetch('app', remote);

  assert.deepEqual(await mirror.pinned('app'), [first]);
});

test('a remote that is not there, refuses or does not answer is named, without its password', async (t) => {
  const { folder, layout, run, mirror } = setUp(t);
  await using silent = await startSilentServer();
  const impatient = createMirror({ layout, run, fetchTimeoutMs: 300 });

  await assert.rejects(
    mirror.fetch('app', `${folder}/nothing`),
    fails('SOURCE_DENIED', /nothing could not be fetched/),
  );
  await assert.rejects(mirror.lsRemote('http://me:secret@127.0.0.1:1/x'), fails('SOURCE_FETCH', /^(?!.*secret)/s));
  await assert.rejects(mirror.fetch('app', 'ext::sh -c true'), fails('SOURCE_DENIED'));
  await assert.rejects(
    impatient.lsRemote(`http://127.0.0.1:${silent.port}/x`),
    fails('COMMAND_FAILED', /did not end within 0\.3 s/),
  );
  await assert.rejects(
    impatient.fetch('app', `http://127.0.0.1:${silent.port}/x`),
    fails('COMMAND_FAILED', /did not end within 0\.3 s/),
  );
});

test('a list of branches is given up after 30 s at most, and a fetch after the time that is configured', async (t) => {
  const { layout, remote, run, log } = setUp(t);
  const limits: (number | undefined)[] = [];
  const noting: RunCommand = async (argv, options) => {
    if (argv.includes(remote)) limits.push(options?.timeoutMs);
    return await run(argv, options);
  };

  for (const fetchTimeoutSec of [10, 120]) {
    const { stateDir, runtimeDir, unitDir } = layout;
    const app = { remote, webhookSecretFiles: ['/s'], url: 'http://localhost' };
    const settings = { stateDir, runtimeDir, unitDir, board: { passwordFile: '/p' }, projects: { app } };
    const config = Config.parse({ ...settings, build: { fetchTimeoutSec } });
    const { mirror } = await openHost({ config, run: noting, log });
    await mirror.lsRemote(remote);
    await mirror.fetch('app', remote);
  }

  assert.deepEqual(limits, [10_000, 10_000, 30_000, 120_000]);
});

test('the login for a remote over HTTP is read from ~/.netrc, and needs no place in the URL', async (t) => {
  const { folder, remote, first, layout, log } = setUp(t);
  git(remote, 'update-server-info');
  const login = `Basic ${Buffer.from('someone:geheim').toString('base64')}`;
  const forge = createServer((request, response) => {
    if (request.headers.authorization !== login) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end();
      return;
    }
    const path = `${remote}/.git${new URL(request.url ?? '', 'http://x').pathname.replace('/demo.git', '')}`;
    if (existsSync(path)) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
  await once(forge.listen(0, '127.0.0.1'), 'listening');
  t.after(() => forge.close());
  const address = forge.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = `http://127.0.0.1:${address.port}/demo.git`;
  const run = createRunCommand({ log, environment: { PATH: process.env['PATH'], HOME: folder } });
  const mirror = createMirror({ layout, run, fetchTimeoutMs: 20_000 });
  await assert.rejects(mirror.lsRemote(url), fails('SOURCE_DENIED'));

  writeFileSync(`${folder}/.netrc`, 'machine 127.0.0.1 login someone password geheim\n', { mode: 0o600 });

  assert.deepEqual(await mirror.lsRemote(url), new Map([['main', first]]));
});

test('one branch can be asked for alone, and no other whose name ends alike', async (t) => {
  const { mirror, remote, first } = setUp(t);
  git(remote, 'branch', 'x');
  git(remote, 'branch', 'refs/heads/x');

  assert.deepEqual(await mirror.lsRemote(remote, undefined, 'x'), new Map([['x', first]]));
  assert.deepEqual(await mirror.lsRemote(remote, undefined, 'none'), new Map());
});

test('a branch is forgotten while a fetch hangs, at once for who asks and in the mirror after the fetch', async (t) => {
  const { mirror, remote, path, log } = setUp(t);
  git(remote, 'branch', 'gone');
  await mirror.fetch('app', remote);
  await using silent = await startSilentServer();
  const stop = new AbortController();
  const fetching = mirror.fetch('app', `git://127.0.0.1:${silent.port}/x`, stop.signal);
  await until('the remote hangs', () => silent.connections.length > 0);
  const pruned: string[] = [];
  const forget = createForgetBranch({ mirror, log, pruneStrays: async (project) => pruned.push(project) });

  await forget({ project: 'app', slug: 'gone' }, 'gone');

  assert.match(git(path, 'for-each-ref'), /refs\/heads\/gone/);
  stop.abort(new Error('it is given up'));
  await assert.rejects(fetching);
  await until('it is done', () => pruned.length === 1);
  assert.doesNotMatch(git(path, 'for-each-ref'), /refs\/heads\/gone/);
});

test('a fetch that is aborted throws the reason, and the next one works', async (t) => {
  const { mirror, remote, first } = setUp(t);
  const stop = new AbortController();
  const reason = new Error('superseded');

  const fetching = mirror.fetch('app', remote, stop.signal);
  stop.abort(reason);

  await assert.rejects(fetching, (error) => error === reason);
  await mirror.fetch('app', remote);
  assert.equal((await mirror.head('app', 'main'))?.commit, first);
});
