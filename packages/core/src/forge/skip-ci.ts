const markers = /\[(skip[ _-]ci|ci[ _-]skip|no ci|skip actions|actions skip)\]/i;
const trailer = /^skip-checks: ?true$/i;

/**
 * Whether a commit message asks not to be built, in the words of any forge: a marker anywhere in it, or `skip-checks: true`
 * as its last line, below the subject (https://docs.github.com/actions/managing-workflow-runs/skipping-workflow-runs). GitLab
 * also takes a dash or an underscore for the space; Gitea, Forgejo and Bitbucket have no marker of their own.
 */
export function skipsCi(message: string): boolean {
  if (markers.test(message)) return true;
  const lines = message.trimEnd().split(/\r?\n/);
  return lines.length > 1 && trailer.test(lines.at(-1) ?? '');
}
