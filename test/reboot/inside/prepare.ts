// Inside a machine, before its reboot: installs Bough, deploys as many branches as it is told, lets only what restores
// them and Caddy start at boot, and prints the slugs of those that do not sleep.
import { slugOf } from '@bough/host/slug.ts';
import { appFiles } from '../../support/app-files.ts';
import { install, systemctl } from '../../support/installation.ts';

const count = Number(process.argv[2] ?? 20);
const awake = ['main']; // production never sleeps by default
const project = { production: 'main', sleepAfter: '1h' };

const neverSleeping = `mkdir -p "$out/share/bough"
printf '{"schema":1,"services":{"web":{"exec":["%s/bin/app"],"sleepAfter":"never"}}}' "$out" > "$out/share/bough/deployment.json"`;

const bough = await install({}, project);
const branches = ['main', ...Array.from({ length: count - 1 }, (_, index) => `preview/${index + 1}`)];
for (const [index, branch] of branches.entries()) {
  const isAwake = index > 0 && index <= 4;
  if (isAwake) awake.push(branch);
  await bough.push(branch, appFiles({ text: branch, build: isAwake ? neverSleeping : '' }));
}
for (const branch of branches) await bough.untilServes(branch, `${branch} from release 1`, 120_000);
await bough.push('main', appFiles({ text: 'main again' }));
await bough.untilServes('main', 'main again from release 2');
await bough.push('gone', appFiles({ text: 'gone' }));
await bough.untilServes('gone', 'gone');
await bough.remove('gone');
await bough.untilIdle();
await systemctl('disable', 'bough-redis.service', 'bough-receiver.service', 'bough-worker.service');
process.stdout.write(`${JSON.stringify({ slugs: branches.map(slugOf), awake: awake.map(slugOf) })}\n`);
process.exit(0); // it is to stay as it is
