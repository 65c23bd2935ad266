// One Debian is enough: a full disk is the kernel's.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
const mib = 1 / 1024;

let bough: Installation;
before(async () => {
  // A store of its own that is soon full, over the machine's.
  await systemctl('stop', 'nix-daemon.service', 'nix-daemon.socket');
  await exec('mount', ['-t', 'tmpfs', '-o', 'mode=755,size=80m', 'tmpfs', '/nix']);
  await exec('systemd-tmpfiles', ['--create']);
  await systemctl('start', 'nix-daemon.socket');
  bough = await install({ gc: { lowFreeGiB: 30 * mib, highFreeGiB: 32 * mib } });
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await systemctl('stop', 'nix-daemon.service', 'nix-daemon.socket');
  await exec('umount', ['--lazy', '/nix']);
  await systemctl('start', 'nix-daemon.socket');
});

test('with too little disk and no garbage a build fails as DISK_FULL and says how much is free', async () => {
  for (const branch of ['one', 'two', 'three', 'four']) {
    await bough.push(branch, app(branch, 14));
    await bough.untilServes(branch, branch);
    if ((await freeMiB()) < 30) break;
  }

  await bough.push('more', app('more', 1));

  const job = await failedBuildOf('more');
  assert.match(
    job.failedReason,
    /^DISK_FULL: \d+(\.\d)? MiB are free for the store after collecting all garbage, and a build needs/,
  );
  assert.match(await logOf(job.id), /garbage is collected before the build/);
  assert.ok(!existsSync(`${bough.layout.deployments}/demo/more/releases/1`));
});

test('once a branch is deleted its garbage is collected before the next attempt, which is built', async (t) => {
  await bough.remove('one');
  await until('it is gone', () => !existsSync(`${bough.layout.deployments}/demo/one`), 20_000);
  const job = await failedBuildOf('more');
  await until(
    'it is built',
    async () => {
      await job.promote().catch(() => undefined); // a sweep may have done so, too early
      return await job.isCompleted();
    },
    30_000,
  );

  await bough.untilServes('more', 'more from release 1');
  const freed = /\d+ store paths are gone, 1.*/.exec(await logOf(job.id))?.[0];
  t.diagnostic(String(freed));
  assert.match(freed ?? '', /, 1\d(\.\d)? MiB$/);
});

test('a build that fills the disk fails as DISK_FULL, and leaves room behind', async () => {
  await bough.push('huge', app('huge', 200));

  const job = await failedBuildOf('huge');
  assert.match(job.failedReason, /^DISK_FULL: /);
  assert.match(await logOf(job.id), /all garbage is collected for the next attempt/);
  assert.ok((await freeMiB()) > 20, `${await freeMiB()} MiB are free`);
  await bough.untilServes('more', 'more from release 1');
});

/** The job of a branch that failed and waits for its next attempt. */
async function failedBuildOf(branch: string) {
  return await until(
    `the build of ${branch} has failed`,
    async () =>
      (await bough.builds.getJobs(['delayed', 'active', 'prioritized', 'waiting'])).find(
        ({ failedReason, data }) => failedReason && data.branch === branch,
      ),
    30_000,
  );
}

async function logOf(job = ''): Promise<string> {
  return (await bough.builds.getJobLogs(job)).logs.join('\n');
}

function app(text: string, size: number): Record<string, string> {
  const fill = `mkdir -p "$out"; head -c ${size << 20} /dev/urandom > "$out/ballast"`;
  return appFiles({ text, build: fill });
}

async function freeMiB(): Promise<number> {
  const { stdout } = await exec('df', ['--output=avail', '--block-size=1M', '/nix/store']);
  return Number(stdout.trim().split('\n').at(-1));
}
