// One Debian is enough: outputs are compared in Bough; that Nix gives the same one again is in `realise.test.ts`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { bough as run } from '../support/command-line.ts';
import { derivation, flakeOf } from '../support/flake.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { visit } from '../support/visitor.ts';

let bough: Installation;
before(async () => {
  bough = await install();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const id = { project: 'demo', slug: 'main' };
const server = `import { createServer } from 'node:http';
createServer((_, response) => response.end('hello from release ' + process.env.BOUGH_RELEASE)).listen(Number(process.env.PORT), '127.0.0.1');
`;
/** An app whose source is its folder src, and nothing beside it. */
const app = (readme: string, source = server) => ({
  ...flakeOf(
    derivation(
      'app',
      `mkdir -p $out/bin; cp $src/server.mjs $out/; printf '#!/bin/sh\\nexec ${process.execPath} %s/server.mjs\\n' $out > $out/bin/app; chmod 755 $out/bin/app`,
      'src = ./src;',
    ),
  ),
  'src/server.mjs': source,
  'README.md': readme,
});

/** What changes when anything of the deployment is started, stopped or loaded anew. */
const runs = async () =>
  await systemctl(
    'show',
    '--property=Id,MainPID,InvocationID,NRestarts,ActiveState,StateChangeTimestampMonotonic',
    ...['web.service', 'web.socket', 'web--proxy.service'].map((name) => `bough-demo--main--r1-${name}`),
  );
const outcomeOf = async (commit: string) =>
  (
    await until('the build has ended', async () =>
      (await bough.builds.getCompleted()).find(({ returnvalue }) => returnvalue?.commit === commit),
    )
  ).returnvalue;

test('a commit that changes the README alone restarts nothing, and is recorded and shown as unchanged since its release', async () => {
  await bough.push('main', app('first'));
  await bough.untilServes('main', 'hello from release 1');
  await bough.untilIdle();
  const earlier = await runs();
  await using visitor = visit('/main/', 'hello from release 1');

  const commit = await bough.push('main', app('second'));

  const outcome = await outcomeOf(commit);
  await bough.untilIdle();
  await bough.sweep();
  assert.equal(await runs(), earlier, 'the same processes, sockets and invocations');
  assert.deepEqual((await visitor.leave()).wrong, []);
  assert.deepEqual(outcome, {
    outcome: 'unchanged',
    commit,
    release: 1,
    reason: 'unchanged since release 1: its output is the same',
  });
  const { head, desired, lastSeq } = JSON.parse(await readFile(bough.layout.deploymentFile(id), 'utf8'));
  assert.deepEqual({ ...head, at: '' }, { outcome: 'unchanged', commit, release: 1, at: '' });
  assert.deepEqual([desired, lastSeq], [1, 1]);
  assert.match(
    (await run(['status', 'demo', 'main'])).stdout,
    new RegExp(`^demo main: its head ${commit.slice(0, 12)} is unchanged since release 1$`, 'm'),
  );
});

test('the next commit that does change the output is a release of its own', async () => {
  await bough.push('main', app('second', server.replace('hello', 'hello again')));

  await bough.untilServes('main', 'hello again from release 2');

  await bough.untilIdle();
  assert.doesNotMatch((await run(['status', 'demo', 'main'])).stdout, /unchanged/);
  assert.match((await get('/main/')).body, /release 2/);
});
