import { readFile } from 'node:fs/promises';
import type { Layout } from '@bough/core/layout.ts';
import { slugOf } from '@bough/host/slug.ts';

/** The lines of what was decided over a branch. */
export async function decisionsOf(layout: Layout, branch: string): Promise<string[]> {
  const text = await readFile(layout.operations({ project: 'demo', slug: slugOf(branch) }), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Without the releases, which may be gone since, and without what was decided again: who was cut short may have asked twice. */
export function eachOnce(decisions: readonly string[]): string {
  const lines = decisions.map((line) =>
    line.replaceAll(/"(from|to)":\d+/g, '"$1":SEQ').replace(/"at":"[^"]+"/, '"at":TIME'),
  );
  return lines.filter((line, index) => line !== lines[index - 1]).join('\n');
}
