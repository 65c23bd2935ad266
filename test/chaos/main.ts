// Seeded chaos as a person starts it: script/test chaos [--runs N] [--seed S] [--length L] [--image IMAGE] [--jobs K] [--logs FOLDER]
// Boots K machines and plays the seeds S to S + N - 1 on them. A seed that fails prints what happened, what was wrong, and the
// command that plays it again, alone.
import { parseArgs } from 'node:util';
import { type MachineImage, startMachine } from '../machine/machine.ts';
import { areGood, describeReport, summarise } from './describe-report.ts';
import { type Played, playSeed } from './play-seed.ts';

const images: readonly MachineImage[] = ['trixie', 'bookworm'];
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    length: { type: 'string', default: '20' },
    image: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    logs: { type: 'string' },
  },
});
const asked = images.filter((image) => values.image === undefined || image === values.image);
if (asked.length === 0) throw new Error(`--image is ${images.join(' or ')}, not ${values.image}`);

const first = Number(values.seed);
const seeds = Array.from({ length: Number(values.runs) }, (_, index) => first + index);
const played: Played[] = [];

/** Plays seeds on a machine of its own until none is left. */
async function playOn(image: MachineImage, job: number): Promise<void> {
  await using machine = await startMachine(`chaos-${process.pid}-${job}`, { image });
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    const one = await playSeed(machine, { seed, image, length: Number(values.length), logs: values.logs });
    played.push(one);
    console.log(describeReport(one));
  }
}

const jobs = Math.min(Number(values.jobs), seeds.length);
await Promise.all(Array.from({ length: jobs }, (_, job) => playOn(asked[job % asked.length] ?? 'trixie', job)));
for (const line of summarise(played)) console.log(line);
process.exitCode = areGood(played) ? 0 : 1;
