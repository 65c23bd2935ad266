// One Debian is enough: who takes jobs is Bough alone, and that the watchdog of systemd starts a worker again is in `watchdog.test.ts`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { takesNoBuilds } from '../support/worker-point-files.ts';

const worker = 'bough-worker.service';
const dropIns = `/run/systemd/system/${worker}.d`;
const preload = fileURLToPath(import.meta.resolve('../support/take-no-builds.ts'));
const restartsOfWorker = async () => Number(await systemctl('show', '--value', '--property=NRestarts', worker));

test('a worker that takes no builds any more is started again, and the next one builds what waits', async (t) => {
  await using bough = await install();
  t.after(async () => {
    await rm(dropIns, { recursive: true, force: true });
    await systemctl('daemon-reload');
  });
  await mkdir(dropIns, { recursive: true });
  const settings = ['WatchdogSec=5', `Environment="NODE_OPTIONS=--import=${preload}"`]; // a minute is too long for a test
  await writeFile(`${dropIns}/test.conf`, ['[Service]', ...settings, ''].join('\n'));
  await systemctl('daemon-reload');
  await writeFile(takesNoBuilds, '');
  await systemctl('restart', worker);
  await until('it takes none', () => !existsSync(takesNoBuilds), 20_000);
  const restarts = await restartsOfWorker();
  const since = `@${Math.floor(Date.now() / 1_000)}`;
  await bough.push('untaken', appFiles({ text: 'untaken' }));

  await until('systemd has started it again', async () => (await restartsOfWorker()) > restarts, 90_000);

  await bough.untilServes('untaken', 'untaken from release 1');
  assert.equal(await restartsOfWorker(), restarts + 1);
  const argv = ['--unit', worker, '--since', since, '--output=cat'];
  const { stdout: journal } = await promisify(execFile)('journalctl', argv);
  assert.match(journal, /"what":"queue build: a job could be taken and nobody takes it, for \d+ s"/);
});
