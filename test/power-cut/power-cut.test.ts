import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Machine, startMachine } from '../machine/machine.ts';
import { randomOf } from '../support/random.ts';
import { until } from '../support/until.ts';

const node = '/opt/node/bin/node';
const inside = '/opt/bough/test/power-cut/inside';

/** More by hand, and at other times: BOUGH_CUTS=20 BOUGH_SEED=7 node --test test/power-cut/power-cut.test.ts */
const cutsByHand = process.env['BOUGH_CUTS'];
const seed = Number(process.env['BOUGH_SEED'] ?? 1);

interface Settled {
  readonly ms: number;
  readonly forgotten: readonly string[];
  readonly left: readonly string[];
  readonly mistakes: readonly string[];
  readonly overlapNs: string;
}

// The disk is the same kernel's; that the older Nix writes in the same order takes one cut to see.
for (const { image, usual } of [
  { image: 'trixie', usual: 3 },
  { image: 'bookworm', usual: 1 },
] as const) {
  const cuts = Number(cutsByHand ?? usual);
  test(`on ${image} what was not synced is lost in a power cut, and Bough converges on what is left`, async (t) => {
    const forge = await mkdtemp(join(tmpdir(), 'bough-forge-'));
    t.after(async () => await rm(forge, { recursive: true }));
    await using machine = await startMachine(`test-power-cut-${image}`, {
      image,
      ownDisk: true,
      binds: [`${forge}:/srv`],
    });
    await machine.run(['sh', '-c', 'echo synced >/root/synced; sync']);
    // Written up to the cut, and told of on a disk that is not cut: whoever syncs every disk of this host meanwhile, as
    // the end of another machine does, saves what was written before, not what was written last.
    const writing = machine.spawn(['sh', '-c', 'while echo lost >>/root/lost && echo lost >>/srv/told; do :; done']);
    await until('it writes', async () => existsSync(join(forge, 'told')));
    await machine.cutPower();
    await writing;
    const lines = async (path: string) =>
      Number(await machine.run(['sh', '-c', `cat ${path} 2>/dev/null | wc --lines`]));
    assert.equal(await machine.run(['cat', '/root/synced']), 'synced');
    assert.ok((await lines('/root/lost')) < (await lines('/srv/told')), 'what was not synced outlived the cut');

    const files = ['/root/known', '/root/unknown', await untilItPrints(machine.spawn([node, `${inside}/write.ts`]))];
    await machine.cutPower();
    assert.equal(await machine.run(['cat', ...files]), 'newnew{"kind":"pin"}', 'what Bough wrote was not synced');

    t.diagnostic(`seed ${seed}`);
    const random = randomOf(seed);
    for (let cut = 1; cut <= cuts; cut++) {
      const pushing = machine.spawn([node, `${inside}/push.ts`]);
      await untilItPrints(pushing);
      const afterMs = Math.round(random() * 4_000);
      await sleep(afterMs);
      await untilItPrints(machine.spawn([node, `${inside}/decide.ts`]));

      await machine.cutPower();

      const settled: Settled = JSON.parse(await machine.run([node, `${inside}/settle.ts`], { timeoutMs: 200_000 }));
      t.diagnostic(`cut ${cut}, ${afterMs} ms after the pushes began: as it should be after ${settled.ms} ms`);
      const when = `after cut ${cut} of seed ${seed}, ${afterMs} ms after the pushes began`;
      assert.deepEqual(settled.forgotten, [], when);
      assert.deepEqual(settled.left, [], when);
      assert.deepEqual(settled.mistakes, [], when);
      assert.equal(settled.overlapNs, '0', when);
    }
  });
}

/** Gives that. Rejects when it ends before. */
async function untilItPrints(running: ReturnType<Machine['spawn']>): Promise<string> {
  const ended = running.then(({ stderr }) => assert.fail(stderr));
  return String(await Promise.race([once(running.stdout, 'data'), ended]));
}
