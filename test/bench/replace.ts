// Replacements under load, for an app that may not overlap with itself: clients wait, none is refused. In a machine, as root:
//   script/machine exec NAME -- node /opt/bough/test/bench/replace.ts [REPLACEMENTS] [REQUESTS A SECOND]
import { readlink } from 'node:fs/promises';
import { appFiles } from '../support/app-files.ts';
import { install } from '../support/installation.ts';
import { startLoad } from '../support/load.ts';
import { showPlace, show } from './figures.ts';
import { startByHand } from './start-by-hand.ts';

const replacements = Number(process.argv[2] ?? 10);
const rate = Number(process.argv[3] ?? 500);
const replaces = `mkdir -p "$out/share/bough"
printf '{"schema":1,"strategy":"replace","services":{"web":{"exec":["%s/bin/app"]}}}' "$out" > "$out/share/bough/deployment.json"`;
const version = (number: number) => appFiles({ text: `version ${number}.`, build: replaces });

// As installed: with the settle and drain times a host has unless told otherwise.
for (const [what, reconcile] of [
  ['settle 2 s and drain 5 s, as installed', {}],
  ['settle 0.5 s and drain 0.5 s', { settleSec: 0.5, drainSec: 0.5 }],
] as const) {
  await using bough = await install({ reconcile });
  await bough.push('main', version(0));
  await bough.untilServes('main', 'version 0.');
  await bough.untilIdle();
  showPlace(what);
  const program = `${await readlink(bough.layout.releaseRoot({ project: 'demo', slug: 'main' }, 1))}/bin/app`;

  const load = startLoad('/main/', { connections: 16, rate });
  for (let number = 1; number <= replacements; number++) {
    await bough.push('main', version(number));
    await bough.untilServes('main', `version ${number}.`, 120_000);
    await bough.untilIdle(120_000);
  }
  console.log(`${replacements} replacements: ${(await load.stop()).text}`);
  const byHand: number[] = [];
  for (let round = 0; round < 10; round++) byHand.push(await startByHand(program));
  show('the same program started by hand, to its first answer', byHand);
}
