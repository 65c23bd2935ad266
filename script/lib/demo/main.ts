// script/demo: Bough with a sample repository, on this machine, until Ctrl-C. The environment is script/lib/env's.
import { join } from 'node:path';
import { demo } from './demo.ts';
import { parseOptions } from './options.ts';
import { describeProblem, say } from './say.ts';

const options = parseOptions(process.argv.slice(2));
if ('usage' in options) {
  (options.status === 0 ? process.stdout : process.stderr).write(options.usage);
  process.exit(options.status);
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(new Error(name)));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}); // a reader that left stops no clean-up

try {
  const installed = await demo(
    options,
    { root: join(import.meta.dirname, '../../..'), cache: process.env['BOUGH_CACHE_DIR'] ?? '' },
    stop.signal,
  );
  const stays = ['the caches', ...(installed.length === 0 ? [] : [`what was installed: ${installed.join(', ')}`])];
  say(`everything is down; nothing is left but ${stays.join(' and ')}`);
  process.exit(0);
} catch (error) {
  if (stop.signal.aborted && !(error instanceof SuppressedError))
    say('stopped before it was ready; everything is down');
  else say(`the demo failed: ${describeProblem(error)}`);
  process.exit(1);
}
