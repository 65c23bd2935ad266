const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** How long ago a time was, in the largest unit that fits: `3 h`. `–` where there is no time. */
export function renderAge(at: string | null, now: number): string {
  if (at === null) return '–';
  const ms = Math.max(0, now - Date.parse(at));
  const [name, size] = units.find((unit) => ms >= unit[1]) ?? ['s', 1_000];
  return `${Math.floor(ms / size)} ${name}`;
}
