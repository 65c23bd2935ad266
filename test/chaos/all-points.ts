// Every point × kill -9, by hand: script/test points [--image IMAGE] [--jobs K] [--parts P --part I] [--of PATTERN] [--logs FOLDER]
// Boots K machines and divides the points of `every-point.test.ts` among them. On several hosts: each of P hosts takes its
// own part I, from 0 to P - 1. PATTERN: only the tests with such a name. Each line begins with the offset of its machine; the last
// is the total. FOLDER is for the journal of a machine on which a test failed.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type MachineImage, startMachine } from '../machine/machine.ts';

const images: readonly MachineImage[] = ['trixie', 'bookworm'];
const { values } = parseArgs({
  options: {
    image: { type: 'string', default: 'trixie' },
    jobs: { type: 'string', default: '2' },
    parts: { type: 'string', default: '1' },
    part: { type: 'string', default: '0' },
    of: { type: 'string' },
    logs: { type: 'string' },
  },
});
const image = images.find((one) => one === values.image);
if (image === undefined) throw new Error(`--image is ${images.join(' or ')}, not ${values.image}`);
const jobs = Number(values.jobs);
const parts = Number(values.parts);
const part = Number(values.part);
if (!(jobs >= 1 && parts >= 1 && part >= 0 && part < parts))
  throw new Error('--jobs and --parts are 1 or more, --part is below --parts');
const stride = jobs * parts;
const only = values.of === undefined ? [] : [`--test-name-pattern=${values.of}`];
const file = '/opt/bough/test/chaos/every-point.test.ts';

const run = async (offset: number): Promise<{ passed: number; failed: number }> => {
  await using machine = await startMachine(`points-${process.pid}-${offset}`, { image });
  const argv = ['/opt/node/bin/node', '--test', '--test-reporter=spec', ...only, file];
  const running = machine.spawn(argv, { env: { BOUGH_STRIDE: String(stride), BOUGH_OFFSET: String(offset) } });
  const counts = { pass: 0, fail: 0, cancelled: 0 };
  for await (const line of running.iterable()) {
    console.log(`${offset}: ${line}`);
    for (const word of ['pass', 'fail', 'cancelled'] as const)
      counts[word] += Number(new RegExp(`^ℹ ${word} (\\d+)$`).exec(line)?.[1] ?? 0);
  }
  const ended = { passed: counts.pass, failed: counts.fail + counts.cancelled };
  if (values.logs !== undefined && (ended.failed > 0 || ended.passed === 0)) {
    const journal = await machine.exec(['journalctl', '--no-pager', '--output=short-precise'], { timeoutMs: 300_000 });
    await mkdir(values.logs, { recursive: true });
    await writeFile(`${values.logs}/points-${image}-${offset}.log`, journal.stdout);
  }
  return ended;
};

const offsets = Array.from({ length: jobs }, (_, job) => part * jobs + job);
const ends = await Promise.all(offsets.map(run));
const sum = (of: 'passed' | 'failed') => ends.reduce((total, end) => total + end[of], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = ends.every(({ passed, failed }) => passed > 0 && failed === 0) ? 0 : 1;
