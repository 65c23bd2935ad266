const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** Seconds in the largest unit that divides them: `30 min`, `90 s`, `1 d`. */
export function renderSpan(seconds: number): string {
  const [name, size] = units.find((unit) => seconds % unit[1] === 0) ?? ['s', 1];
  return `${seconds / size} ${name}`;
}
