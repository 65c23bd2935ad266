// Inside a machine: plays one seed, as `inside.ts SEED LENGTH`, and prints its report as the last line, in JSON.
import { runSeed } from './run.ts';

const [seed = '1', length = '20'] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await runSeed(Number(seed), Number(length)))}\n`);
process.exit(0); // connections to a Redis that was killed may be left
