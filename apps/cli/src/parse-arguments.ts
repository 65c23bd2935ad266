import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Command, CommandOption, Input } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Options every command has. */
export const commonOptions = {
  config: {
    value: 'FILE',
    meaning: 'the configuration; without it BOUGH_CONFIG, /etc/bough/bough.json or ~/.config/bough/bough.json',
  },
  json: { meaning: 'print JSON for programs' },
  verbose: { meaning: 'log what is done to stderr' },
  help: { meaning: 'show this' },
} as const satisfies Record<string, CommandOption>;

/** What was asked for. */
export type Parsed =
  | { readonly kind: 'help'; readonly command: Command | null }
  | { readonly kind: 'run'; readonly command: Command; readonly input: Input };

/**
 * Reads the words after `bough`. Pure.
 * @throws UsageError
 */
export function parseArguments(words: readonly string[], table: readonly Command[]): Parsed {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help', command: null };
  if (first === 'help') return { kind: 'help', command: rest[0] === undefined ? null : find(rest[0], table) };
  const command = find(first, table);
  const { values, positionals } = parse(rest, { ...command.options, ...commonOptions }, command);
  if (values['help'] === true) return { kind: 'help', command };
  const [least, most] = command.takes;
  if (positionals.length < least || positionals.length > most)
    throw new UsageError(`usage: bough ${command.name} ${command.usage}`.trimEnd());
  return {
    kind: 'run',
    command,
    input: {
      args: positionals,
      has: (option) => values[option] === true,
      text(option) {
        const value = values[option];
        return typeof value === 'string' ? value : undefined;
      },
    },
  };
}

function find(name: string, table: readonly Command[]): Command {
  const command = table.find((each) => each.name === name);
  if (command !== undefined) return command;
  throw new UsageError(`there is no command ${name}; there are ${table.map((each) => each.name).join(', ')}`);
}

function parse(args: readonly string[], options: Readonly<Record<string, CommandOption>>, command: Command) {
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(name === 'help' ? { short: 'h' } : {}) },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: config, allowPositionals: true, strict: true });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${problem.split('. ')[0]}; see bough ${command.name} --help`);
  }
}
