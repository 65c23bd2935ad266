import { BranchName } from '../branch-name.ts';
import { Commit } from '../commit.ts';

/** The branches of a remote: name to commit. `refused` are names we do not build, made printable by JSON. */
export interface RemoteHeads {
  readonly heads: Map<string, string>;
  readonly refused: string[];
}

const line = /^([0-9a-f]+)\t(.+)$/;
const prefix = 'refs/heads/';

/**
 * Reads what `git ls-remote` prints: `<commit> TAB <ref>` a line. Only refs below refs/heads/ count. A name that is not
 * UTF-8 (decoded to U+FFFD) is refused like any other we could not ask git for again.
 */
export function parseLsRemote(output: string): RemoteHeads {
  const heads = new Map<string, string>();
  const refused: string[] = [];
  for (const [, hash = '', ref = ''] of output.split('\n').flatMap((text) => [line.exec(text) ?? []])) {
    if (!ref.startsWith(prefix)) continue;
    const name = ref.slice(prefix.length);
    const fits = BranchName.safeParse(name).success && Commit.safeParse(hash).success && !name.includes('\uFFFD');
    if (fits) heads.set(name, hash);
    else refused.push(JSON.stringify(name));
  }
  return { heads, refused };
}
