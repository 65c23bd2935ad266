import * as z from 'zod';

const units: Readonly<Record<string, number>> = { s: 1, sec: 1, min: 60, h: 3_600, d: 86_400 };

/** The longest span, as seconds: what systemd can still count in microseconds. */
const longest = 9_999_999 * 86_400;

/** A span of time as people write it (`90s`, `30min`, `12h`, `7d`), read as seconds. A number is seconds already. */
export const TimeSpan = z.union([
  z.number().positive().max(longest, 'must be at most 9999999d'),
  z
    .string()
    .regex(/^[1-9]\d{0,6}(s|sec|min|h|d)$/, 'must be a span of time such as 90s, 30min, 12h or 7d')
    .transform((text) => Number.parseInt(text, 10) * (units[text.replace(/^\d+/, '')] ?? 1)),
]);

/** A span of time, or `never`. */
export const TimeSpanOrNever = z.union([z.literal('never'), TimeSpan]);
