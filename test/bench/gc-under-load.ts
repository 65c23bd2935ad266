// A collection of all garbage while builds are queued and releases are kept for rolling back: what it frees, how long it
// takes, and that each kept release starts again after it. In a machine, as root:
//   script/machine exec NAME -- node /opt/bough/test/bench/gc-under-load.ts [BRANCHES] [MEGABYTES AN OUTPUT]
import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import { gcJobOptions } from '@bough/core/queue/job-options.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { get, install } from '../support/installation.ts';
import { show, showPlace } from './figures.ts';

const exec = promisify(execFile);
const count = Number(process.argv[2] ?? 10);
const megabytes = Number(process.argv[3] ?? 5);
const app = (text: string) =>
  appFiles({ text, build: `mkdir -p "$out"; head -c ${megabytes}000000 /dev/urandom > "$out/ballast"` });
const branches = Array.from({ length: count }, (_, index) => `branch-${index + 1}`);

await using bough = await install({ gc: { lowFreeGiB: 0, highFreeGiB: 1_000_000 } });
const store = createDeploymentStore(bough.layout);
await exec('nix-store', ['--gc']); // what others left is not to be counted
for (let release = 1; release <= 5; release++) {
  for (const branch of branches) await bough.push(branch, app(`release ${release} of ${branch}.`));
  for (const branch of branches) await bough.untilServes(branch, `release ${release} of ${branch}.`, 600_000);
  await bough.untilIdle(600_000);
}

showPlace('collecting');
const [first = '', ...others] = branches;
await bough.push(first, app(`release 6 of ${first}.`));
const before = freeBytes();
const job = await bough.builds.add('gc', { asked: { by: 'person' } }, gcJobOptions(true));
for (const branch of others) await bough.push(branch, app(`release 6 of ${branch}.`));
for (const branch of branches) await bough.untilServes(branch, `release 6 of ${branch}.`, 600_000);
await bough.untilIdle(600_000);

const jobs = await bough.builds.getCompleted();
const gc = jobs.find(({ id }) => id === job.id);
if (gc === undefined) throw new Error(`the collection did not end well: ${await job.getState()}`);
const { storePaths, storeBytes, otherBytes, problems } = gc.returnvalue;
const after = jobs.filter(
  ({ name, processedOn = 0 }) => name === 'build' && processedOn > (gc.processedOn ?? 0),
).length;
console.log(
  `${storePaths} store paths and ${(storeBytes / 1e6).toFixed(1)} MB freed by its own account, ${otherBytes} bytes besides, in ` +
    `${(gc.finishedOn ?? 0) - (gc.processedOn ?? 0)} ms; problems: ${problems.length}; ${after} builds went on after it`,
);
console.log(
  `the file system has ${((freeBytes() - before) / 1e6).toFixed(1)} MB more, with ${count} new outputs since`,
);
console.log(`${await bough.builds.getFailedCount()} builds failed`);

const times: number[] = [];
for (const branch of branches) {
  const releases = await store.readReleases({ project: 'demo', slug: branch });
  for (const { seq, outPath } of releases) {
    await exec('nix-store', ['--verify-path', outPath]);
    if (seq === releases.at(-1)?.seq) continue;
    const { code, ms, stderr } = await run(['rollback', 'demo', branch, String(seq)]);
    const { body } = await get(`/${branch}/`);
    if (code !== 0 || !body.includes(`release ${seq} of ${branch}.`)) throw new Error(`${stderr}${body}`);
    times.push(ms);
  }
}
show('bough rollback to each release that was kept, all of them healthy', times);

function freeBytes(): number {
  const { bavail, bsize } = statfsSync('/nix/store');
  return bavail * bsize;
}
