import type { Config } from '@bough/core/config/config.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { RunCommand } from '@bough/host/run-command.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import type { Systemd } from '@bough/host/systemd/systemd.ts';
import type { Logger } from 'pino';

/** What is there without a configuration. */
export interface Alone {
  readonly log: Logger;
  /** The environment children get. */
  readonly environment: NodeJS.ProcessEnv;
  /** Shows a person who waits what goes on; nothing where nobody looks. */
  readonly note: (line: string) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What every command works with. */
export interface Cli extends Alone {
  readonly config: Config;
  readonly layout: Layout;
  readonly store: DeploymentStore;
  /** Loaded when asked for: most commands are done sooner than that. Its children do not hold the worker lock. */
  readonly tools: () => Promise<{ readonly run: RunCommand; readonly systemd: Systemd }>;
  /** The person who asks. */
  readonly user: string;
}

/** An option of a command. `value` names what follows it; without one it is a switch. */
export interface CommandOption {
  readonly value?: string;
  readonly meaning: string;
}

/** What was written after a command's name. */
export interface Input {
  readonly args: readonly string[];
  has(option: string): boolean;
  text(option: string): string | undefined;
}

/** What a command has to say: `value` for `--json`, `text` for people. */
export interface Output {
  readonly value: unknown;
  readonly text: string;
  /** It was done, and what it found is not as it should be. */
  readonly failed?: boolean;
  /** What a person should know of it, for stderr. */
  readonly warning?: string;
  /** Waited for after the output was printed. */
  readonly finished?: Promise<void>;
}

/** One command of `bough`. A file in `commands/` and a line in `command-table.ts` make one. */
export interface Command {
  readonly name: string;
  /** Its arguments: `PROJECT BRANCH [RELEASE]`. */
  readonly usage: string;
  /** How many arguments it takes, at least and at most. */
  readonly takes: readonly [number, number];
  /** What it does, in one sentence without a subject. */
  readonly summary: string;
  /** What else one has to know: a paragraph each. */
  readonly about: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  run(cli: Cli, input: Input): Promise<Output>;
  /** Asked first; `null` where it needs the configuration of a host. */
  runAlone?(host: Alone, input: Input): Promise<Output> | null;
}
