import { readFile } from 'node:fs/promises';
import type { Files } from './flake.ts';

const page = new URL('../../docs/app-contract.md', import.meta.url);

/** The examples of docs/app-contract.md by title: the blocks of each, by the path its first line names. */
export async function docExamples(): Promise<Map<string, Files>> {
  const [, examples = ''] = (await readFile(page, 'utf8')).split('\n## Examples\n');
  const found = new Map<string, Files>();
  for (const section of examples.split('\n### ').slice(1)) {
    const [title = ''] = section.split('\n', 1);
    const blocks = section.matchAll(/```\w+\n(?:#|\/\/|<!--) (\S+)(?: -->)?\n([\s\S]*?)```/g);
    found.set(title, Object.fromEntries([...blocks].map(([, path = '', text = '']) => [path, text])));
  }
  return found;
}
