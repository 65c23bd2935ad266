/** Characters; a branch decides how long what failed is. */
const longest = 8_192;

/** The message of a failure as it is kept on record, and published with each look at its branch. */
export function keptMessage(message: string): string {
  return message.slice(0, longest);
}
