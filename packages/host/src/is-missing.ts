/** Whether an error says that the file or folder does not exist (ENOENT, or ENOTDIR on the way to it). */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
