// Many deployments, all asleep: what they cost, how they wake, and that a reboot brings them back. Outside of a machine, as
// root; it makes one of its own:
//   node test/bench/sleeping.ts [trixie|bookworm] [BRANCHES]
import { startMachine } from '../machine/machine.ts';

const image = process.argv[2] === 'bookworm' ? 'bookworm' : 'trixie';
const count = process.argv[3] ?? '200';
const inside = (part: string) => ['/opt/node/bin/node', `/opt/bough/test/bench/inside/${part}.ts`, count];

await using machine = await startMachine(`bench-sleeping-${image}`, { image });
process.stdout.write(await machine.run(inside('sleep-many'), { timeoutMs: 7_200_000 }));
await machine.reboot();
process.stdout.write(await machine.run(inside('after-reboot'), { timeoutMs: 600_000 }));
