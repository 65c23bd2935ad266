const most = 1_000;

/** The addresses something good came from, the latest thousand. */
export function createRecentAddresses() {
  const known = new Set<string>();
  return {
    has: (address: string): boolean => known.has(address),

    add(address: string): void {
      known.delete(address); // to the end: the one longest not heard of is forgotten first
      known.add(address);
      const oldest = known.values().next().value;
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
  };
}
