// script/demo: Bough with a sample repository, on this machine, until Ctrl-C. The environment is script/lib/env's.
import { join } from 'node:path';
import { demo } from './demo.ts';
import { describeEnd } from './describe-end.ts';
import { parseOptions } from './options.ts';
import { DemoError, say } from './say.ts';

const options = parseOptions(process.argv.slice(2));
if ('usage' in options) {
  (options.status === 0 ? process.stdout : process.stderr).write(options.usage);
  process.exit(options.status);
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new DemoError(`It was stopped by ${name}`)));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}); // a reader that left stops no clean-up

const installed: string[] = [];
const environment = {
  root: join(import.meta.dirname, '../../..'),
  cache: process.env['BOUGH_CACHE_DIR'] ?? '',
  noteInstalled: (packages: readonly string[]) => void installed.push(...packages),
};
let status = 0;
try {
  await demo(options, environment, stop.signal);
  say('everything is down; nothing is left but the caches');
} catch (error) {
  say(describeEnd(error, stop.signal));
  status = 1;
}
if (installed.length > 0) say(`what was installed is left, too: ${installed.join(', ')}`);
process.exit(status);
