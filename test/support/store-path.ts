import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunCommand } from '@bough/host/run-command.ts';

/**
 * Puts a folder with `bin/app`, a Node program, into the real store and returns its path. The text decides the path. `before`: lines
 * of the shell that starts it.
 */
export async function addApp(run: RunCommand, source: string, before: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bough-app-'));
  try {
    await mkdir(join(folder, 'app', 'bin'), { recursive: true });
    await writeFile(join(folder, 'app', 'server.mjs'), source);
    const program = join(folder, 'app', 'bin', 'app');
    await writeFile(
      program,
      ['#!/bin/sh', ...before, `exec ${process.execPath} "\${0%/bin/app}/server.mjs"\n`].join('\n'),
    );
    await chmod(program, 0o755);
    return (await run(['nix-store', '--add', join(folder, 'app')])).stdout.trim();
  } finally {
    await rm(folder, { recursive: true });
  }
}
