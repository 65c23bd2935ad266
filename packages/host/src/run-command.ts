import { constants } from 'node:os';
import { AppError } from '@bough/core/app-error.ts';
import { redactUrls } from '@bough/core/text/redact-url.ts';
import { execa } from 'execa';
import type { Logger } from 'pino';
import { collectOutput } from './collect-output.ts';
import type { Actions } from './progress/actions.ts';

/** How long a process may take to end by itself after SIGTERM. */
const graceMs = 10_000;
/** How long the output of an ended process may go on: a daemon it left behind (ssh does) may hold it open for ever. */
const lingerMs = 5_000;

/** What every child may see of our own environment: where programs, keys, buses and proxies are. */
const inherited = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'SSH_AUTH_SOCK',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'NIX_SSL_CERT_FILE',
  'NIX_REMOTE',
];

/** Options of one command. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to the few variables every command gets; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /** Total limit, 60 s unless told. */
  readonly timeoutMs?: number;
  /** Each line without colours and control characters, as it comes. */
  readonly onStdoutLine?: ((line: string) => void) | undefined;
  readonly onStderrLine?: ((line: string) => void) | undefined;
  /** Exit codes that are no failure, besides 0. With `any`, a death by signal counts as 128 + its number, as in a shell. */
  readonly allowExitCodes?: readonly number[] | 'any';
  /** Largest stdout, 16 MiB unless told; more is a failure. Of stderr only the end is kept. */
  readonly maxOutputBytes?: number;
}

/** What a command that ended as expected said. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs a program, never through a shell. The only way Bough starts a process. */
export type RunCommand = (argv: readonly [string, ...string[]], options?: RunOptions) => Promise<CommandResult>;

/** What a runner needs. `environment` is that of the process unless told. */
export interface RunCommandDeps {
  readonly lockFd?: number | undefined;
  readonly log: Logger;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where each command is noted while it runs. */
  readonly actions?: Pick<Actions, 'begin'>;
}

/**
 * A runner whose children all inherit `lockFd` as descriptor 3, so that the lock lasts as long as any of them.
 * It throws AppError COMMAND_FAILED (not installed, out of time, unexpected exit code) and, when `signal` aborts, the
 * signal's reason; in both cases after the process and its group have ended: SIGTERM, 10 s later SIGKILL.
 */
export function createRunCommand({ lockFd, log, environment = process.env, actions }: RunCommandDeps): RunCommand {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- execa takes any descriptor; its types name 3 to 9
  const lock = lockFd === undefined ? [] : [lockFd as 3];
  const basics = { LC_ALL: 'C.UTF-8', ...pick(environment, inherited) };

  return async (argv, options = {}) => {
    const { timeoutMs = 60_000, maxOutputBytes = 16 << 20, signal } = options;
    signal?.throwIfAborted();
    const name = describeCommand(argv);
    const startedAt = performance.now();
    const stop = new AbortController();
    const fail = (problem: string): void => stop.abort(new AppError('COMMAND_FAILED', `${name} ${problem}`));

    const child = execa(argv[0], argv.slice(1), {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.input === undefined ? {} : { input: options.input }),
      env: { ...basics, ...options.env },
      extendEnv: false,
      cancelSignal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
      forceKillAfterDelay: graceMs,
      killDescendants: true,
      reject: false,
      buffer: false,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...lock],
    });
    const stdout = collectOutput(child.stdout, options.onStdoutLine, maxOutputBytes);
    const stderr = collectOutput(child.stderr, options.onStderrLine, maxOutputBytes);
    stdout.onOverflow(() => fail(`printed more than ${maxOutputBytes} bytes and was stopped`));
    const timer = setTimeout(() => fail(`did not end within ${timeoutMs / 1000} s and was stopped`), timeoutMs);

    let linger: NodeJS.Timeout | undefined;
    child.nodeChildProcess.once('exit', () => {
      linger = setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), lingerMs);
    });

    // Stopped when its time is over, killed after its grace: it has ended by then, or never will.
    const ended = actions?.begin(name, (timeoutMs + 2 * graceMs + lingerMs) / 1_000);
    const result = await child;
    ended?.();
    clearTimeout(timer);
    clearTimeout(linger);
    log.debug(
      { command: name, ms: Math.round(performance.now() - startedAt), exitCode: result.exitCode },
      'command ended',
    );
    if (signal?.aborted === true || stop.signal.aborted) {
      killGroup(child.pid); // a descendant that outlived its parent is past its grace
      throw signal?.aborted === true ? signal.reason : stop.signal.reason;
    }
    const exitCode =
      result.exitCode ?? (result.signal === undefined ? undefined : 128 + constants.signals[result.signal]);
    if (exitCode === undefined) {
      throw new AppError('COMMAND_FAILED', `${name} could not be started; check that it is installed`, {
        cause: result.cause,
      });
    }
    if (exitCode !== 0 && options.allowExitCodes !== 'any' && options.allowExitCodes?.includes(exitCode) !== true) {
      const how = result.signal === undefined ? `failed with exit code ${exitCode}` : `was ended by ${result.signal}`;
      throw new AppError('COMMAND_FAILED', `${name} ${how}`, { log: stderr.lastLines().map(redactUrls) });
    }
    return { stdout: stdout.text(), stderr: stderr.text(), exitCode };
  };
}

function pick(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

function describeCommand(argv: readonly string[]): string {
  const text = redactUrls(argv.join(' '));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nothing of the group is left, which is what was wanted.
  }
}
