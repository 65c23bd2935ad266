import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** Which Debian a machine is made from: bookworm has Nix 2.8 and systemd 252, trixie Nix 2.26, systemd 257 and Chromium. */
export type MachineImage = 'bookworm' | 'trixie';

export interface MachineOptions {
  /** trixie unless given. */
  readonly image?: MachineImage;
  /** A network of its own with nothing but loopback, unless given. */
  readonly net?: 'private' | 'host';
  /** Folders and files of the host, as `SRC:DST` or `SRC:DST:ro`. The checkout is at /opt/bough and Node at /opt/node already. */
  readonly binds?: readonly string[];
  /** A disk that `cutPower` can cut off. */
  readonly ownDisk?: boolean;
}

export interface MachineCommandOptions {
  /** Who runs it; root unless given. `dev` is an ordinary user with a user manager. */
  readonly user?: string;
  readonly input?: string;
  /** Added to the machine's own clean environment: nothing of the host's comes through. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface MachineExecOptions extends MachineCommandOptions {
  /** A minute unless given. */
  readonly timeoutMs?: number;
}

export interface MachineResult {
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell counts: 128 and the signal's number when a signal ended it. */
  readonly exitCode: number;
}

/** A throwaway Debian with systemd as PID 1; `await using` ends it. */
export interface Machine extends AsyncDisposable {
  readonly name: string;
  /** Runs a command in `/`; any exit code is a result. Throws when it takes too long or is aborted. */
  exec(argv: readonly string[], options?: MachineExecOptions): Promise<MachineResult>;
  /** Runs a command that has to succeed, and returns what it wrote to stdout. */
  run(argv: readonly string[], options?: MachineExecOptions): Promise<string>;
  /** Starts a command that goes on. Its `kill()` reaches the command; it ends with the machine at the latest, and never rejects. */
  spawn(argv: readonly string[], options?: MachineCommandOptions): ReturnType<typeof start>;
  /** Ends every process at once, as a power cut does, and boots again from the same disk. */
  reboot(): Promise<void>;
  /** The same to a machine with `ownDisk`, which then has only what was synced. */
  cutPower(): Promise<void>;
  /** Ends the machine and removes all of it. Safe to call twice. */
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL('../../script/machine', import.meta.url));

/** Boots a machine, in place of any that has its name; a second or so, and a minute more when the image has to be made first. */
export async function startMachine(
  name: string,
  { image = 'trixie', net = 'private', binds = [], ownDisk = false }: MachineOptions = {},
): Promise<Machine> {
  const control = (...args: string[]) => execa(script, args, { stdin: 'ignore' });
  const stop = async () => void (await control('down', name));
  try {
    await control(
      'up',
      '--replace',
      '--image',
      image,
      '--net',
      net,
      ...binds.flatMap((bind) => ['--bind', bind]),
      ...(ownDisk ? ['--own-disk'] : []),
      name,
    );
  } catch (error) {
    await stop();
    throw error;
  }

  const exec = async (argv: readonly string[], { timeoutMs = 60_000, ...options }: MachineExecOptions = {}) =>
    resultOf(await start(name, argv, options, timeoutMs));
  const run = async (argv: readonly string[], options?: MachineExecOptions) => {
    const { stdout, stderr, exitCode } = await exec(argv, options);
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} exited with ${exitCode} in ${name}:\n${stderr || stdout}`);
    return stdout;
  };
  const spawn = (argv: readonly string[], options: MachineCommandOptions = {}) => start(name, argv, options);
  const reboot = async () => void (await control('reboot', name));
  const cutPower = async () => void (await control('cut', name));
  return { name, exec, run, spawn, reboot, cutPower, stop, [Symbol.asyncDispose]: stop };
}

/** The command itself: script/machine becomes nsenter, and when that is killed the command inside is told. */
function start(
  name: string,
  argv: readonly string[],
  { user = 'root', input, env = {}, signal }: MachineCommandOptions,
  timeout = 0,
) {
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return execa(script, ['exec', '--user', user, name, '--', 'env', ...variables, ...argv], {
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    timeout,
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
}

function resultOf({
  stdout,
  stderr,
  exitCode,
  signal,
  timedOut,
  isCanceled,
  cause,
  message,
}: Awaited<ReturnType<typeof start>>): MachineResult {
  const code = exitCode ?? (signal && 128 + constants.signals[signal]);
  if (timedOut || isCanceled || code === undefined) throw new Error(message, { cause });
  return { stdout, stderr, exitCode: code };
}
