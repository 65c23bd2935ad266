import { basename } from 'node:path';
import { AppError } from '@bough/core/app-error.ts';
import { analyzeVerify, journalOf, systemctl } from '@bough/core/systemd/systemctl.ts';
import { parseShow, type UnitState } from '@bough/core/systemd/unit-state.ts';
import type { RunCommand } from '../run-command.ts';

/** systemd as a service of the host: a command, its deadline, its answer. */
export type Systemd = ReturnType<typeof createSystemd>;

const quick = 30_000;
/** Units asked about by one command: far below what its line may hold, and its answer below what a command may print. */
const atOnce = 1_000;

/**
 * Talks to systemd through `systemctl`, in one scope. `environment` must name the user's runtime folder in user scope.
 * All methods throw AppError SYSTEMD_FAILED.
 */
export function createSystemd(options: {
  scope: 'system' | 'user';
  run: RunCommand;
  environment: Record<string, string>;
}) {
  const { scope, environment } = options;

  async function run(argv: readonly [string, ...string[]], timeoutMs = quick, signal?: AbortSignal): Promise<string> {
    try {
      return (await options.run(argv, { env: environment, timeoutMs, ...(signal ? { signal } : {}) })).stdout;
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      throw new AppError(
        'SYSTEMD_FAILED',
        `${argv.filter((word) => !word.startsWith('-')).join(' ')} failed in the ${scope} scope`,
        { cause },
      );
    }
  }

  return {
    /** The major version, such as 252. */
    async version(): Promise<number> {
      const version = /^systemd (\d+)/.exec(await run(systemctl.version()))?.[1];
      if (version === undefined) throw new AppError('SYSTEMD_FAILED', 'systemctl --version does not say a version');
      return Number(version);
    },

    /** The state of each unit named, however many; one that does not exist has `load` `not-found`. */
    async show(units: readonly string[], signal?: AbortSignal): Promise<UnitState[]> {
      const states: UnitState[] = [];
      for (let from = 0; from < units.length; from += atOnce)
        states.push(...parseShow(await run(systemctl.show(scope, units.slice(from, from + atOnce)), quick, signal)));
      return states;
    },

    /** The names of all units systemd knows that match a glob. */
    async list(glob: string): Promise<string[]> {
      const lines = (await run(systemctl.list(scope, glob))).split('\n');
      return lines.map((line) => line.trim().split(/\s/)[0] ?? '').filter((name) => name !== '');
    },

    /** Starts units and waits until each is up; `timeoutMs` must exceed the units' own limits. */
    start: (units: readonly string[], timeoutMs: number, signal?: AbortSignal) =>
      run(systemctl.start(scope, units), timeoutMs, signal),

    /** Stops units and waits until each is down. Stopping is never interrupted. */
    stop: (units: readonly string[], timeoutMs: number) => run(systemctl.stop(scope, units), timeoutMs),

    /** Forgets the failed state, and with it the start limit, of units; unknown ones are no error. */
    async resetFailed(units: readonly string[]): Promise<void> {
      // One at a time: systemctl stops at the first unit that is not loaded.
      for (const unit of units) await run(systemctl.resetFailed(scope, [unit])).catch(() => undefined);
    },

    /** Removes the state, cache and runtime folders of a stopped unit whose file is still there. */
    clean: (unit: string) => run(systemctl.clean(scope, unit), 120_000),

    /** Removes the file by which systemd knows when a stopped timer last ran; one that is not loaded is no error. */
    async cleanTimer(unit: string): Promise<void> {
      await run(systemctl.cleanTimer(scope, unit)).catch(() => undefined);
    },

    /** Makes systemd read all unit files again. */
    reload: () => run(systemctl.daemonReload(scope), 90_000),

    /** What systemd finds wrong with unit files that need not be installed: its lines; none when they are good. */
    async verify(files: readonly string[], signal?: AbortSignal): Promise<string[]> {
      const { exitCode, stderr } = await options.run(analyzeVerify(scope, files), {
        env: environment,
        timeoutMs: quick,
        allowExitCodes: [1],
        ...(signal ? { signal } : {}),
      });
      const lines = stderr.split('\n').filter((line) => line !== '');
      if (exitCode === 0) return [];
      if (lines.some((line) => files.some((file) => line.includes(basename(file))))) return lines;
      throw new AppError('SYSTEMD_FAILED', `systemd-analyze verify failed in the ${scope} scope`, { log: lines });
    },

    /** The last lines a unit's processes wrote since a time. Empty when the journal cannot be read: it is evidence, not truth. */
    async journal(unit: string, lines: number, since: Date): Promise<string[]> {
      const text = await run(journalOf(scope, unit, lines, since)).catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .toReversed();
    },
  };
}
