/**
 * A text inside double quotes as systemd.syntax(7) reads it: backslash, quote and control characters are escaped and
 * `%` is doubled, so that no text can end the value or name a specifier.
 */
export function quoteValue(text: string): string {
  const escaped = text
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/%/g, '%%')
    .replace(/[\u0000-\u001f\u007f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${escaped}"`;
}

/**
 * A path for a list of paths such as `InaccessiblePaths=`, with `-` before it: one that is not there is no error. Plain where it can
 * be: to quote it would change the units of releases that run.
 */
export function quoteOptionalPath(path: string): string {
  return /^[\w/.-]+$/.test(path) ? `-${path}` : quoteValue(`-${path}`);
}

/** One argument of `ExecStart=`: like `quoteValue`, and `$` is doubled since systemd.service(5) expands variables there. */
export function quoteArgument(text: string): string {
  return quoteValue(text).replace(/\$/g, '$$$$');
}

/** A text for `Description=`: one line, `%` doubled, no backslash that could join lines. */
export function quoteDescription(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]+/g, ' ')
    .replace(/%/g, '%%')
    .trim();
}
