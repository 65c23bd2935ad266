// Many deployments, all asleep: what they cost, how they wake, and that a reboot brings them back. Outside of a machine, as
// root; it makes one of its own:
//   node test/bench/sleeping.ts [trixie|bookworm] [BRANCHES]
import { startMachine } from '../machine/machine.ts';

const image = process.argv[2] === 'bookworm' ? 'bookworm' : 'trixie';
const count = process.argv[3] ?? '200';

await using machine = await startMachine(`bench-sleeping-${image}`, { image });
await show('sleep-many');
await machine.reboot();
await show('after-reboot');

/** Runs a part inside, and shows what it prints as it comes: all of it takes minutes. */
async function show(part: string): Promise<void> {
  const child = machine.spawn(['/opt/node/bin/node', `/opt/bough/test/bench/inside/${part}.ts`, count]);
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  const { exitCode } = await child;
  if (exitCode !== 0) throw new Error(`${part} exited with ${exitCode}`);
}
