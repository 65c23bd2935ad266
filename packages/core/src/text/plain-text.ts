// ECMA-48: CSI sequences, OSC strings (closed by BEL or ST), and two-character escapes.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])?/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * One line of a tool's output as a person should see it: no colours, no cursor movement, no control characters but tabs.
 * Of a progress bar that rewrites its line with carriage returns, what it showed last.
 */
export function plainText(line: string): string {
  const visible = line.replace(escapes, '');
  let end = visible.length; // no /\r+$/: that is quadratic in the carriage returns a branch may print
  while (visible[end - 1] === '\r') end -= 1;
  const shown = visible.slice(0, end);
  return shown.slice(shown.lastIndexOf('\r') + 1).replace(controls, '');
}
