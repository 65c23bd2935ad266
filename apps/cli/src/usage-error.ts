/** The command was not written as its usage says. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
