/** SHA-256 of a UTF-8 text as lower-case hex. Passed in because core imports nothing of Node. */
export type Sha256 = (text: string) => string;

const readable = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const looksHashed = /-[0-9a-f]{8}$/;
const maxPrefix = 31; // 31 + '-' + 8 = 40, the longest readable slug

/**
 * The name of a branch in URLs, units and paths: at most 40 characters of `[a-z0-9-]`, no `--`.
 * A pure function of the branch name, never of history: a readable name stays as it is, any other gets a cleaned
 * prefix and 8 hex digits of its SHA-256. A readable name that ends like a hash is hashed too, so the two never meet.
 */
export function slugOf(branch: string, sha256: Sha256): string {
  if (readable.test(branch) && !branch.includes('--') && !looksHashed.test(branch)) return branch;
  const prefix = branch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxPrefix)
    .replace(/^-+|-+$/g, '');
  return `${prefix === '' ? 'branch' : prefix}-${sha256(branch).slice(0, 8)}`;
}
