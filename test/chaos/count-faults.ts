/** A fault that happened, and whether it met anything. */
export interface Struck {
  readonly what: string;
  readonly isMet: boolean;
}

/** How often each fault happened, and how often it met something. */
type Counts = ReadonlyMap<string, { readonly struck: number; readonly met: number }>;

/** In fewer seeds a fault may meet nothing by chance: each comes some fifteen times in so many of fourteen events. */
const manySeeds = 200;

/** How often each fault happened and met something, those that did so least first. */
export function countFaults(faults: readonly Struck[]): Counts {
  const counts = [...Map.groupBy(faults, ({ what }) => what)].map(
    ([what, all]): [string, { struck: number; met: number }] => [
      what,
      { struck: all.length, met: all.filter(({ isMet }) => isMet).length },
    ],
  );
  return new Map(counts.toSorted(([, a], [, b]) => a.met / a.struck - b.met / b.struck));
}

/** Each fault with how often it met something, those that did least first. */
export function describeFaults(counts: Counts): string {
  return [...counts].map(([what, { struck, met }]) => `${what} ${met} of ${struck}`).join(', ');
}

/** The faults that met nothing at all in a run of so many seeds that each should have. */
export function idleFaults(counts: Counts, seeds: number): string[] {
  return seeds < manySeeds ? [] : [...counts].flatMap(([what, { met }]) => (met === 0 ? [what] : []));
}
