import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMachine } from '../machine/machine.ts';
import { createDemoUser } from '../support/demo-user.ts';
import { until } from '../support/until.ts';

const ready = /^READY \{/m;

test('a demo that fails, is stopped or is killed half-way leaves nothing, or nothing the next one does not clear away', async (t) => {
  await using machine = await startMachine('test-demo-ends', { image: 'trixie' });
  const dev = await createDemoUser(machine);
  /** A folder with a `nix-store` of these commands. */
  const nixStore = async (name: string, commands: string) => {
    const make = 'mkdir "$1" && printf "#!/bin/sh\\n%s\\n" "$2" >"$1/nix-store" && chmod 755 "$1/nix-store"';
    await machine.run(['sh', '-c', make, 'sh', `/srv/${name}`, commands]);
    return `/srv/${name}`;
  };
  const full = await nixStore('full', 'echo "error: writing to file: No space left on device" >&2; exit 1');
  // The demo stands still with its services up and a copy of Node on its way into the store.
  const held = await nixStore('held', 'exec sleep infinity');
  const isUp = (unit: string) => machine.exec(['systemctl', '--user', 'is-active', '--quiet', unit], { user: 'dev' });
  const startHeld = async () => {
    const demo = dev.start(held);
    await until('the worker is up', async () => (await isUp('bough-worker.service')).exitCode === 0);
    await until(
      'Node is copied',
      async () => (await machine.exec(['pgrep', '--full', 'sleep infinity'])).exitCode === 0,
    );
    return demo;
  };
  const before = await dev.traces();

  await t.test('one whose store is full says so, and is down whole', async () => {
    const { exitCode, stderr } = await dev.run(full);

    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /the demo failed: [^]*nix-store[^]*No space left on device/);
    assert.equal(await dev.traces(), before);
  });

  await t.test('Ctrl-C before READY', async () => {
    const demo = await startHeld();

    await demo.kill('INT');

    const { exitCode, stdout, stderr } = await demo.ended;
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /stopped before it was ready; everything is down$/);
    assert.equal(stdout, '');
    assert.equal(await dev.traces(), before);
  });

  await t.test(
    'a second one at once is refused and harms the first in nothing; after kill -9 the next one works',
    async () => {
      const demo = await startHeld();

      const second = await dev.run();

      assert.equal(second.exitCode, 1);
      assert.match(second.stderr, /the demo failed: A demo of yours runs already/);
      assert.equal((await isUp('bough-worker.service')).exitCode, 0);

      await demo.kill('KILL');
      await demo.ended;
      assert.equal((await isUp('bough-worker.service')).exitCode, 0, 'there is something to clear away');
      const next = await dev.run();
      assert.equal(next.exitCode, 0, next.stderr);
      assert.match(next.stdout, ready);
      assert.equal(await dev.traces(), before);
    },
  );
});
