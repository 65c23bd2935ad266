const markers = /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/i;
const trailer = /^skip-checks: ?true$/i;

/**
 * Whether a commit message asks not to be built: one of GitHub's markers anywhere in it, or `skip-checks: true` as its
 * last line, below the subject (https://docs.github.com/actions/managing-workflow-runs/skipping-workflow-runs).
 */
export function skipsCi(message: string): boolean {
  if (markers.test(message)) return true;
  const lines = message.trimEnd().split(/\r?\n/);
  return lines.length > 1 && trailer.test(lines.at(-1) ?? '');
}
