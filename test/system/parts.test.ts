// One Debian is enough: what Bough does without a part is its own; that Nix starts a build anew is in `realise.test.ts`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kill } from '../chaos/signal-unit.ts';
import { breakRemote } from '../chaos/break-remote.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install({ sweepIntervalSec: 2 });
  await bough.push('main', appFiles({ text: 'first' }));
  await bough.untilServes('main', 'first');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const buildOf = async (text: string) =>
  await until('it is being built', async () => (await buildRuns()).find((run) => run.text === text), 20_000);

test('a build whose Nix daemon is restarted is built once it is back', async () => {
  await bough.push('main', appFiles({ text: 'daemon', buildSec: 2 }));
  await buildOf('daemon');

  await systemctl('restart', 'nix-daemon.service');

  await bough.untilServes('main', 'daemon', 60_000);
  assert.equal(overlap(await buildRuns()), 0n);
});

test('a build whose builder is killed fails with the signal, and a retry builds it', async () => {
  await bough.push('main', appFiles({ text: 'builder', buildSec: 3 }));
  await buildOf('builder');

  for (const pid of processesWith('-build.sh')) kill(Number(pid), 'SIGKILL');

  const job = await until(
    'it has failed',
    async () => (await bough.builds.getJobs(['failed', 'delayed'])).find(({ failedReason }) => failedReason),
    30_000,
  );
  assert.match(job.failedReason, /^BUILD_SIGNAL: /);
  if (await job.isFailed()) await job.retry();
  else await job.promote();
  await bough.untilServes('main', 'builder', 60_000);
});

test('while Caddy restarts nobody is answered, and no process of a branch restarts', async () => {
  await bough.untilIdle(); // no release that was replaced runs any more
  const main =
    (await systemctl('list-units', '--plain', '--no-legend', 'bough-demo--main--*-web.service')).split(' ')[0] ?? '';
  const pid = await systemctl('show', '--value', '--property=MainPID', main);

  await systemctl('restart', 'bough-caddy.service');

  await until('Caddy answers again', async () => (await get('/main/')).status === 200);
  assert.equal(await systemctl('show', '--value', '--property=MainPID', main), pid);
});

for (const how of ['lose-remote', 'slow-remote', 'stale-remote'] as const) {
  test(`after a fault of the remote (${how}) the head of each branch is live, and what serves never stopped`, async () => {
    await bough.repository.commit('feature', appFiles({ text: `before ${how}` }));
    await bough.repository.commit('feature', appFiles({ text: `after ${how}` }));
    const broken = breakRemote(how, bough.repository, 3_000);
    await bough.sweeps.add('sweep', { asked: { by: 'person' } });
    const answers: number[] = [];
    const looking = new AbortController();
    const visits = (async () => {
      while (!looking.signal.aborted) answers.push((await get('/main/')).status);
    })();

    await broken;
    await bough.untilServes('feature', `after ${how}`, 60_000);

    looking.abort();
    await visits;
    assert.deepEqual([...new Set(answers)], [200]);
  });
}
