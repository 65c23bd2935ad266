// One Debian is enough: what Bough does without a part is its own; that Nix starts a build anew is in `realise.test.ts`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kill } from '../chaos/signal-unit.ts';
import { breakRemote } from '../chaos/break-remote.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { killNixDaemon, restartNixDaemon } from '../support/nix-daemon.ts';
import { processesWith, programsWith } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { visit } from '../support/visitor.ts';

/** Answers `text`, and at `/open` with what never ends. */
const server = (text: string) => `import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/open') response.write('it goes on');
  else response.end('${text} from release ' + process.env.BOUGH_RELEASE);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
const mainFiles = (text: string, buildSec = 0) => appFiles({ text, buildSec, server: server(text) });

let bough: Installation;
before(async () => {
  bough = await install({ sweepIntervalSec: 2 });
  await bough.push('main', mainFiles('first'));
  await bough.untilServes('main', 'first');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const buildOf = async (text: string) =>
  await until('it is being built', async () => (await buildRuns()).find((run) => run.text === text), 20_000);

/** The build that did not come to its end, and whether it is tried again by itself: a sweep every 2 s hastens what is. */
const unsuccessful = async () =>
  await until(
    'it has failed',
    async () => {
      for (const state of ['failed', 'delayed'] as const) {
        const job = (await bough.builds.getJobs([state])).find(({ failedReason }) => failedReason);
        if (job !== undefined) return { job, state };
      }
      return undefined;
    },
    30_000,
  );

test('a build goes on while the Nix daemon is restarted; when all of it is killed the build waits to be tried again, and no visitor notices', async () => {
  await bough.push('main', mainFiles('daemon', 3));
  await buildOf('daemon');
  await using visitor = visit('/main/', 'from release');
  const builders = programsWith('-build.sh');
  await restartNixDaemon();
  assert.notDeepEqual(builders, []);
  assert.deepEqual(programsWith('-build.sh'), builders);

  await killNixDaemon();

  const { job, state } = await unsuccessful();
  assert.match(job.failedReason, /^DAEMON_DOWN: /);
  assert.equal(state, 'delayed');
  await job.promote().catch(() => undefined); // rather than wait for its time; a sweep may have come first
  await bough.untilServes('main', 'daemon', 60_000);
  assert.deepEqual((await visitor.leave()).wrong, []);
  const runs = (await buildRuns()).filter(({ text }) => text === 'daemon');
  assert.deepEqual(
    runs.map(({ ended }) => ended),
    [false, true],
  );
  assert.equal(overlap(runs), 0n);
});

test('a build whose builder is killed fails with the signal, a retry builds it, and no visitor notices', async () => {
  await bough.push('main', mainFiles('builder', 3));
  await buildOf('builder');
  await using visitor = visit('/main/', 'from release');

  for (const pid of processesWith('-build.sh')) kill(Number(pid), 'SIGKILL');

  const { job, state } = await unsuccessful();
  assert.match(job.failedReason, /^BUILD_SIGNAL: /);
  if (state === 'failed') await job.retry();
  else await job.promote().catch(() => undefined); // as above
  await bough.untilServes('main', 'builder', 60_000);
  assert.deepEqual((await visitor.leave()).wrong, []);
});

test('while Caddy restarts open connections break, nobody is answered, and no process of a branch restarts', async () => {
  await bough.untilIdle(); // no release that was replaced runs any more
  const main =
    (await systemctl('list-units', '--plain', '--no-legend', 'bough-demo--main--*-web.service')).split(' ')[0] ?? '';
  const pid = await systemctl('show', '--value', '--property=MainPID', main);
  const open = await fetch('http://localhost:8080/main/open');
  const broken = assert.rejects(open.text(), /terminated/);

  await systemctl('stop', 'bough-caddy.service'); // a restart in its two halves, to look in between
  const between = await get('/main/');
  await systemctl('start', 'bough-caddy.service');

  await broken;
  assert.equal(between.status, 0);
  await until('Caddy answers again', async () => (await get('/main/')).status === 200);
  assert.equal(await systemctl('show', '--value', '--property=MainPID', main), pid);
});

for (const how of ['lose-remote', 'slow-remote', 'stale-remote'] as const) {
  test(`after a fault of the remote (${how}) the head of each branch is live, and what serves never stopped`, async () => {
    await bough.push('feature', appFiles({ text: `until ${how}` }));
    await bough.untilServes('feature', `until ${how}`);
    await bough.untilIdle();
    await using main = visit('/main/', 'from release');
    await using feature = visit('/feature/', `${how} from release`); // the release before, until the new one
    await bough.repository.commit('feature', appFiles({ text: `before ${how}` }));
    await bough.repository.commit('feature', appFiles({ text: `after ${how}` }));
    const broken = breakRemote(how, bough, 3_000);

    const isMet = await broken;
    await bough.untilServes('feature', `after ${how}`, 60_000);

    assert.ok(isMet, 'a sweep met it');
    for (const visitor of [main, feature]) {
      const { asked, wrong } = await visitor.leave();
      assert.ok(asked > 0);
      assert.deepEqual(wrong, []);
    }
  });
}
