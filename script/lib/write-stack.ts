// node script/lib/write-stack.ts [FILE]: writes Bough's own services for this host, and prints the names of their units,
// one a line, in the order they start in. Starts nothing. FILE (stdin without one) is a JSON object with `config`, the
// configuration of Bough, and whichever of the settings below are not to be as they are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunCommand } from '@bough/host/run-command.ts';
import { writeStack } from '@bough/host/stack/write-stack.ts';
import { pino } from 'pino';
import { programFile, programPath } from './programs.ts';

const { config, unitDir, ...settings } = JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8'));
const user = config?.scope === 'user';

const { units } = await writeStack({
  config: `${JSON.stringify(config, null, 2)}\n`,
  unitDir: unitDir ?? (user ? `${process.env['HOME']}/.config/systemd/user` : '/etc/systemd/system'),
  run: createRunCommand({ log: pino({ level: 'warn' }, process.stderr) }),
  host: {
    scope: user ? 'user' : 'system',
    node: process.execPath,
    root: join(import.meta.dirname, '../..'),
    caddy: programFile('caddy'),
    redisServer: programFile('redis-server'),
    folder: user ? `${process.env['HOME']}/.config/bough` : '/etc/bough',
    path: programPath,
    runtimeRoot: user ? (process.env['XDG_RUNTIME_DIR'] ?? '') : '/run',
    dataDir: config?.stateDir ?? '',
    ...settings,
  },
});
process.stdout.write(units.map((unit) => `${unit}\n`).join(''));
