import { type CommandResult, createRunCommand, type RunOptions } from '@bough/host/run-command.ts';
import { pino } from 'pino';

/** What a place is made of. */
export interface PlaceOptions {
  /** The checkout of Bough. */
  readonly root: string;
  /** The demo's own, seen under the same path in the place. */
  readonly folder: string;
  /** Hears of Debian's packages that were missing and now stay. */
  readonly noteInstalled: (packages: readonly string[]) => void;
  readonly signal: AbortSignal;
}

/** Where the demo runs: a systemd, how to run a command beside it, and the folders to use there. */
export interface Place extends AsyncDisposable {
  /** For people. */
  readonly name: string;
  readonly scope: 'system' | 'user';
  readonly folders: PlaceFolders;
  /** More settings of script/lib/write-stack.ts. */
  readonly stack: Readonly<Record<string, string>>;
  /** argv to put before a command for it to run there. */
  readonly enter: readonly string[];
}

/** Settings of Bough that depend on the place; see the configuration and script/lib/write-stack.ts. */
export interface PlaceFolders {
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** Units of apps. */
  readonly unitDir: string;
  /** Units of Bough itself. */
  readonly stackUnitDir: string;
  /** Bough's configuration files. */
  readonly etc: string;
  readonly redisSocket: string;
  /** The checkout and the Node, as seen there. */
  readonly root: string;
  readonly node: string;
}

const runCommand = createRunCommand({ log: pino({ level: 'silent' }) });

/** Runs a command on the host, in a process group of its own, so that Ctrl-C reaches the demo alone. */
export function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<CommandResult> {
  return runCommand(argv, { ...options, env: { ...environment(), ...options.env } });
}

/** Runs a command where the demo runs. */
export function runIn(place: Place, argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return run(['env', ...place.enter, ...argv], options);
}

// A repository this is called from, a hook of it for example, is none of the demo's.
function environment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(entries.filter(([name]) => name?.startsWith('GIT_') !== true));
}
