/**
 * What `work` gives for each item, in the order of the items, with at most `limit` of them at work at once. The first
 * failure is thrown once nothing is at work any more; after it nothing new is begun.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  let hasFailed = false;
  const takeTurns = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (hasFailed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: limit }, takeTurns));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
