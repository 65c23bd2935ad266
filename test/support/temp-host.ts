import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Layout, layoutOf } from '@bough/core/layout.ts';
import { createRunCommand, type RunCommand } from '@bough/host/run-command.ts';
import { pino } from 'pino';

/** Folders of a host of its own, gone after the test. Not in /tmp: Nix wants its GC roots where they last. */
export function tempHost(
  t: TestContext,
  name = 'bough-test-',
): { folder: string; layout: Layout; run: RunCommand; log: pino.Logger } {
  const folder = mkdtempSync(join('/var/tmp', name));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = pino({ level: 'silent' });
  const layout = layoutOf({ stateDir: `${folder}/state`, runtimeDir: `${folder}/run`, unitDir: `${folder}/units` });
  return { folder, layout, run: createRunCommand({ log }), log };
}
