import type { RunCommand } from '../run-command.ts';

/**
 * Puts a store path on the disk, with what Nix has on record of it. Nix itself syncs neither by default: after a power
 * cut a release would lead to empty files, or to a path the database has lost and the collector removes.
 * @throws AppError COMMAND_FAILED
 */
export async function syncStore(run: RunCommand, outPath: string, signal: AbortSignal): Promise<void> {
  await run(['sync', '--file-system', '--', outPath], { signal, timeoutMs: 600_000 });
}
