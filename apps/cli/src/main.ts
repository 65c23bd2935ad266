import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { AppError, describeError } from '@bough/core/app-error.ts';
import { causesOf, toControlFailure } from '@bough/core/control/control-failure.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { loadConfig } from '@bough/host/config/load-config.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { pino } from 'pino';
import type { Alone, Cli, Command, Input } from './command.ts';
import { commandTable } from './command-table.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { forTerminal } from './for-terminal.ts';
import { renderCommandHelp, renderHelp } from './help.ts';
import { needsRoot } from './needs-root.ts';
import { type Parsed, parseArguments } from './parse-arguments.ts';

// Whoever reads our output may stop reading (`| head`); that is no failure.
process.stdout.on('error', () => process.exit(exitCodes.ok));
const words = process.argv.slice(2);
const json = words.includes('--json');
process.exitCode = await main().catch(complain);

async function main(): Promise<number> {
  const parsed: Parsed = parseArguments(words, commandTable);
  if (parsed.kind === 'run') return await run(parsed.command, parsed.input);
  process.stdout.write(parsed.command === null ? renderHelp(commandTable) : renderCommandHelp(parsed.command));
  return words.length === 0 ? exitCodes.usage : exitCodes.ok;
}

async function run(command: Command, input: Input): Promise<number> {
  const alone: Alone = {
    log: pino({ name: 'bough', level: input.has('verbose') ? 'debug' : 'silent' }, process.stderr),
    environment: process.env,
    note: (line) => void (process.stderr.isTTY && process.stderr.write(`${forTerminal(line)}\n`)),
    signal: untilInterrupted(),
  };
  const output = await (command.runAlone?.(alone, input) ?? command.run(await openCli(alone, input), input));
  process.stdout.write(json ? `${JSON.stringify(output.value, null, 2)}\n` : forTerminal(output.text));
  if (output.warning !== undefined) process.stderr.write(`bough: ${forTerminal(output.warning)}\n`);
  await output.finished;
  return output.failed === true ? exitCodes.failed : exitCodes.ok;
}

async function openCli(alone: Alone, input: Input): Promise<Cli> {
  const config = await loadConfig(input.text('config') ?? configPath());
  const layout = layoutOf(config);
  return {
    ...alone,
    config,
    layout,
    store: createDeploymentStore(layout),
    tools: async () => (await import('./open-tools.ts')).openTools(config.scope, alone.log),
    user: process.env['SUDO_USER'] ?? userInfo().username,
  };
}

/** The first Ctrl-C lets the work end well, the second ends the process. */
function untilInterrupted(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stop.abort(new AppError('COMMAND_FAILED', `it was interrupted by ${name}`)));
  return stop.signal;
}

function configPath(): string {
  const own = `${homedir()}/.config/bough/bough.json`;
  const system = '/etc/bough/bough.json';
  return process.env['BOUGH_CONFIG'] ?? (!existsSync(system) && existsSync(own) ? own : system);
}

function complain(thrown: unknown): number {
  const error = needsRoot(thrown) ?? thrown;
  const lines = [describeError(error), ...causesOf(error).map((cause) => `  because: ${cause}`)];
  if (error instanceof AppError) lines.push(...error.log.map((line) => `  ${line}`));
  process.stderr.write(`bough: ${forTerminal(lines.join('\n'))}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ error: toControlFailure(error) }, null, 2)}\n`);
  return exitCodeOf(error);
}
