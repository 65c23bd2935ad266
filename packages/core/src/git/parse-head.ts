/** The newest commit of a branch, and its whole message. */
export interface Head {
  readonly commit: string;
  readonly message: string;
}

/**
 * Reads what `readHead` prints; `null` where the branch is not there. git lists the branches below `<branch>/` too, but
 * never beside it: a ref is a file or a folder.
 */
export function parseHead(text: string, branch: string): Head | null {
  const [ref, commit = '', ...message] = text.split('\0');
  return ref === `refs/heads/${branch}` ? { commit, message: message.join('\0') } : null;
}
