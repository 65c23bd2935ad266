// One Debian is enough: the queue decides, which is Node's and Redis's; `worker-redis.test.ts` tries both of these.
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { type Installation, install } from '../support/installation.ts';
import { deliveriesOf } from '../support/ledger.ts';
import { until } from '../support/until.ts';
import { setClocks, wireWorker } from '../support/worker-drop-in.ts';

const dayMs = 86_400_000;

let bough: Installation;
let wired: AsyncDisposable;
before(async () => {
  wired = await wireWorker();
  bough = await install({ sweepIntervalSec: 2 });
  await bough.push('main', appFiles({ text: 'before' }));
  await bough.untilServes('main', 'before');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await wired[Symbol.asyncDispose]();
});

for (const [what, offsetMs] of [
  ['a day ahead', dayMs],
  ['right again', 0],
  ['a day behind', -dayMs],
  ['right once more', 0],
] as const) {
  test(`with the clock of Bough ${what}, pushes are built and sweeps find those nobody told of`, async () => {
    await setClocks(offsetMs);

    await bough.push('main', appFiles({ text: `told, ${what}` }));
    await bough.untilServes('main', `told, ${what}`);
    await bough.repository.commit('main', appFiles({ text: `untold, ${what}` }));
    await bough.untilServes('main', `untold, ${what}`, 40_000);

    await until('the receiver has that time too', () => {
      const told = deliveriesOf(bough).find(({ status }) => status === 202);
      return told !== undefined && Math.abs(told.at - Date.now() - offsetMs) < dayMs / 2;
    });
    await until('a sweep is scheduled again', async () => (await bough.sweeps.getJobSchedulersCount()) === 1);
  });
}
