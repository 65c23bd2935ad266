import type { ErrorCode } from '../error-table.ts';

// First match wins. Network before access: ssh adds "make sure you have the correct access rights" to every failure.
const rules: readonly (readonly [ErrorCode, RegExp])[] = [
  ['DISK_FULL', /No space left on device|disk quota exceeded/i],
  ['SOURCE_CONFIG', /dubious ownership|not owned by current user|cannot use bare repository/i],
  ['SOURCE_COMMIT_GONE', /couldn't find remote ref|not our ref|bad object [0-9a-f]{40}/i],
  [
    'SOURCE_FETCH',
    /Could not resolve|Connection (refused|reset|timed out)|Network is unreachable|No route to host|timed out|early EOF|unexpected disconnect|returned error: (5\d\d|429)|kex_exchange_identification/i,
  ],
  [
    'SOURCE_DENIED',
    /Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied|Host key verification failed|returned error: 40[134]|[Rr]epository .*not found|does not appear to be a git repository|does not exist|[Aa]ccess denied|transport '.*' not allowed|is not a git command|Unable to find remote helper/i,
  ],
];

/** The class of a git command that talked to the remote and failed, from what it printed. */
export function classifyGit(lines: readonly string[]): ErrorCode {
  const text = lines.join('\n');
  return rules.find(([, pattern]) => pattern.test(text))?.[0] ?? 'SOURCE_FETCH';
}

/** Whether git complains about the mirror itself, so that making it anew is the cure. */
export function isMirrorBroken(lines: readonly string[]): boolean {
  return /not a git repository|bad config|object file .* is empty|loose object .* is corrupt|packed object .* is corrupt|unable to (read|find|parse) [0-9a-f]{40}|missing (blob|tree|object)|ignoring broken ref|did not send all necessary objects|does not point to a valid object|unable to resolve reference|reference broken|bad sha1|inflate: data stream error|invalid sha1 pointer|index-pack failed|non-monotonic index|pack.* (is corrupt|too short|cannot be accessed)|garbage at end|unexpected line in|unterminated line in|unknown index file|fatal: bad object/i.test(
    lines.join('\n'),
  );
}

/** Whether git stumbled over a lock file that a killed git left behind. */
export function isStaleLock(lines: readonly string[]): boolean {
  return /\.lock': File exists|unable to create '.*\.lock'|cannot lock ref .*File exists/i.test(lines.join('\n'));
}

/** Whether a branch of the remote has a name git cannot make a file of. It fails the whole fetch, in any mirror. */
export function isNameTooLong(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes('File name too long'));
}
