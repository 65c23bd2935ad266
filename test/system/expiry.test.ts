// One Debian is enough: time decides, and what systemd does about it is what it does for a branch that is suspended.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { bough as command } from '../support/command-line.ts';
import { get, install, systemctl } from '../support/installation.ts';
import { failures, idOf, pushAll, record, running, statusOf } from '../support/limits.ts';
import { setClocks, wireWorker } from '../support/worker-drop-in.ts';

const dayMs = 86_400_000;

test('a preview expires so long after its last push, says so, and comes back by a push or by resume', async (t) => {
  const wired = await wireWorker();
  t.after(async () => await wired[Symbol.asyncDispose]());
  await using bough = await install({ sweepIntervalSec: 12 * 86_400 }, { ttl: '2d' });
  await pushAll(bough, { main: appFiles({ text: 'main' }), old: appFiles({ text: 'old one' }) });
  let days = 0;
  const wait = async (more: number) => {
    days += more;
    await setClocks(days * dayMs);
    await bough.sweep();
    return (await record(bough, 'old')).expired;
  };
  const page = async () => {
    const { status, body } = await get('/old/');
    return `${status} ${/<title>(.*)<\/title>.*<p>(.*)<\/p>/.exec(body)?.slice(1).join(': ')}`;
  };
  const expiredPage =
    '503 This branch has expired: It was not used for too long, or somebody took it down. A push to it, or bough resume, brings it back.';

  await t.test(
    'nothing of it runs or would after a reboot, its releases stay, and the page and the status say why',
    async () => {
      assert.equal(await wait(1), null);
      const { at, why } = (await wait(2)) ?? {};
      await bough.sweep();

      assert.equal(why, 'nothing was pushed to it for 2 d');
      assert.deepEqual(await running(), ['main']);
      assert.equal(await page(), expiredPage);
      const status = await statusOf('old');
      assert.deepEqual([status.state, status.expired, status.serving], ['expired', { at, why }, null]);
      assert.ok(!existsSync(bough.layout.bootRecord(idOf('old'))));
      assert.ok(
        existsSync(bough.layout.releaseFile(idOf('old'), 1)) && existsSync(bough.layout.releaseRoot(idOf('old'), 1)),
      );
      assert.match(await readFile(bough.layout.operations(idOf('old')), 'utf8'), /"kind":"expire","by":"bough"/);
      assert.match((await command(['wake', 'demo', 'old'])).stderr, /has expired: nothing was pushed to it for 2 d/);
    },
  );

  await t.test('its page is written anew when a reboot took it', async () => {
    await rm(bough.layout.sockets(idOf('old')), { recursive: true });
    assert.equal((await get('/old/')).status, 404);

    await bough.sweep();

    assert.equal(await page(), expiredPage);
  });

  await t.test('a push brings it back', async () => {
    await bough.push('old', appFiles({ text: 'young again' }));

    await bough.untilServes('old', 'young again from release 2');
    assert.equal((await record(bough, 'old')).expired, null);
  });

  await t.test('so does bough resume, from which its time to live counts anew', async () => {
    assert.equal(await wait(1), null);
    assert.notEqual(await wait(2), null);
    await bough.untilIdle();

    const resumed = await command(['resume', 'demo', 'old', '--why', 'for a look']);
    assert.equal(resumed.code, 0, resumed.stderr);
    await bough.untilServes('old', 'young again from release 2');
    await bough.sweep();

    const { expired, resumed: decision } = await record(bough, 'old');
    assert.deepEqual([expired, decision?.why], [null, 'for a look']);
    assert.deepEqual(await running(), ['main', 'old']);
  });

  await t.test('what expired while the clock was ahead comes back once that is right', async () => {
    assert.notEqual(await wait(30), null);
    await bough.untilIdle();
    assert.deepEqual(await running(), ['main']);

    assert.equal(await wait(-30), null);

    await bough.untilServes('old', 'young again from release 2');
  });

  assert.match((await get('/main/')).body, /^main from release 1/, 'production never expires');
  assert.deepEqual(await failures(bough), []);
});

test('where the project says so, the preview used least recently expires when there is no room', async () => {
  await using bough = await install({}, { maxLive: 1, whenFull: 'expire' });
  await pushAll(bough, {
    main: appFiles({ text: 'main' }),
    one: appFiles({ text: 'one' }),
    two: appFiles({ text: 'two' }),
  });

  assert.deepEqual(await running(), ['main', 'two']);
  assert.match((await record(bough, 'one')).expired?.why ?? '', /^2 previews were live where 1 may be/);
  assert.match((await get('/one/')).body, /This branch has expired/);

  await bough.push('one', appFiles({ text: 'one is back' }));
  await bough.untilServes('one', 'one is back');
  await bough.untilIdle();
  assert.deepEqual(await running(), ['main', 'one']);

  // What had expired becomes the production branch, which no limit is for.
  const config = JSON.parse(await readFile('/etc/bough/bough.json', 'utf8'));
  config.projects.demo.production = 'two';
  await writeFile('/etc/bough/bough.json', JSON.stringify(config));
  await systemctl('restart', 'bough-worker.service');
  await bough.sweep();
  await bough.untilServes('two', 'two from release 1');
  assert.equal((await record(bough, 'two')).expired, null);
  assert.deepEqual(await failures(bough), []);
});
