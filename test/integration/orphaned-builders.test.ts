import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { findOrphanedBuilders } from '@bough/host/nix/find-orphaned-builders.ts';
import { createRealise } from '@bough/host/nix/realise.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { fails } from '../support/app-error.ts';
import { appFlake, derivation } from '../support/flake.ts';
import { fresh, nixHost, watchNix } from '../support/nix-host.ts';
import { processesWith } from '../support/processes.ts';
import { until } from '../support/until.ts';

const id = { project: 'app', slug: 'main' };
const attribute = 'packages.x86_64-linux.default';

/** A client of Nix that builds something for long. `builder` is what runs in it. */
async function slowBuild(
  t: TestContext,
  environment: Record<string, string>,
): Promise<{ client: ChildProcess; builder: number }> {
  const { folder } = nixHost(t);
  const marker = `asleep-${fresh()}`;
  const file = `${folder}/slow.nix`;
  writeFileSync(file, derivation('slow', `exec -a ${marker} sleep 600`).replace('/bin/sh', '/bin/bash'));
  const { PATH = '' } = process.env;
  const client = spawn('nix-build', ['--no-out-link', file], { stdio: 'ignore', env: { PATH, ...environment } });
  t.after(() => {
    client.kill('SIGKILL');
    for (const pid of processesWith(marker)) process.kill(Number(pid), 'SIGKILL');
  });
  const builder = await until('it builds', () => processesWith(marker)[0], 30_000);
  return { client, builder: Number(builder) };
}

async function kill(client: ChildProcess): Promise<void> {
  client.kill('SIGKILL');
  await once(client, 'exit');
}

/** Stops a process until the test lets it go on, at its end at the latest. */
function freeze(t: TestContext, pid: number): () => void {
  let isFrozen = true;
  process.kill(pid, 'SIGSTOP');
  const goOn = () => {
    if (isFrozen) process.kill(pid, 'SIGCONT');
    isFrozen = false;
  };
  t.after(goOn);
  return goOn;
}

const parentOf = (pid: number) => Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

test('a build begins only once the builder of a client that was killed has ended, and says what it waits for', async (t) => {
  const { host, evaluate, ...nix } = nixHost(t);
  const actions = createActions();
  const commit = await nix.commit(appFlake('next', 'exec true', `: ${fresh()}`));
  const watch = watchNix();
  const evaluation = await evaluate({ id, project: 'app', commit, attribute, anew: false }, watch);
  const { client, builder } = await slowBuild(t, { NIX_REMOTE: 'daemon' });
  const connection = parentOf(builder);
  const goOn = freeze(t, connection); // the daemon's process of that build, as when it is late
  await kill(client);

  const request = { ...evaluation, id, commit, root: host.layout.releaseRoot(id, 1), anew: false };
  const building = createRealise({ ...host, actions })(request, watch);
  const waiting = await until('it waits', () => actions.list().find(({ what }) => what.startsWith('waiting for')));
  assert.match(waiting.what, new RegExp(`end of process ${connection}, ${builder} of a build that nobody waits for`));
  assert.ok(watch.lines.includes(waiting.what), watch.lines.join('\n'));
  assert.ok(!watch.lines.some((line) => line.startsWith('next> ')));
  goOn();

  await building;
  assert.deepEqual(processesWith(`asleep-`), []);
  assert.deepEqual(actions.list(), []);
});

test('a builder that does not end in time fails what would have to wait for it, by its number', async (t) => {
  const { host, evaluate, ...nix } = nixHost(t);
  const commit = await nix.commit(appFlake('next', 'exec true', `: ${fresh()}`));
  const evaluation = await evaluate({ id, project: 'app', commit, attribute, anew: false }, watchNix());
  const { client, builder } = await slowBuild(t, { NIX_REMOTE: 'daemon' });
  const connection = parentOf(builder);
  freeze(t, connection);
  await kill(client);

  const request = { ...evaluation, id, commit, root: host.layout.releaseRoot(id, 1), anew: false };
  const building = createRealise({ ...host, buildersSec: 1 })(request, watchNix());

  await assert.rejects(
    building,
    fails('BUILDER_LEFT', new RegExp(`^process ${connection}, ${builder} of .* has not ended within 1 s`)),
  );
});

test('what somebody else builds, and waits for, is no orphan', async (t) => {
  const { client } = await slowBuild(t, { NIX_REMOTE: 'daemon' });

  assert.deepEqual(findOrphanedBuilders({ hasDaemon: true }), []);

  await kill(client);
  await until('the daemon has ended it', () => findOrphanedBuilders({ hasDaemon: true }).length === 0);
});

for (const [what, settings] of [
  ['with users for builders', ''],
  ['of one user', 'build-users-group ='],
] as const) {
  test(`of a Nix without a daemon, ${what}, the builder of a client that was killed is found, or ends with it`, async (t) => {
    const { folder } = nixHost(t);
    for (const name of ['store', 'state', 'log']) mkdirSync(`${folder}/nix/${name}`, { recursive: true });
    const { client, builder } = await slowBuild(t, {
      NIX_STORE_DIR: `${folder}/nix/store`,
      NIX_STATE_DIR: `${folder}/nix/state`,
      NIX_LOG_DIR: `${folder}/nix/log`,
      NIX_CONFIG: settings,
      NIX_REMOTE: '',
    });
    const find = () => findOrphanedBuilders({ hasDaemon: false }).map(({ pid }) => pid);
    assert.deepEqual(find(), []);

    await kill(client);

    // Some versions of Nix let the kernel end a builder with its parent.
    await until('it is found, or has ended', () => find().includes(builder) || processesWith('asleep-').length === 0);
    const isLeft = processesWith('asleep-').length > 0;
    t.diagnostic(isLeft ? 'it is left' : 'it ended with its client');
    if (isLeft) process.kill(builder, 'SIGKILL');
    await until('it has ended', () => find().length === 0);
  });
}
