/** The private ref that keeps a built commit in the mirror through force pushes and `git gc`. */
export function pinnedRef(commit: string): string {
  return `refs/bough/${commit}`;
}
