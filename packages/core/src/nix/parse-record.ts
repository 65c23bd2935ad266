import * as z from 'zod';
import { plainText } from '../text/plain-text.ts';

/** Activity types of Nix that Bough looks at (nix: src/libutil/logging.hh). All others are ignored. */
export const activity = { fileTransfer: 101, builds: 104, build: 105 } as const;

/** Result types of Nix that Bough looks at, from the same file. */
export const result = { buildLogLine: 101, setPhase: 104, progress: 105, postBuildLogLine: 107 } as const;

/** Least important level of a message people should see: 0 error, 1 warning, 2 notice, 3 info, 4 and up for debugging. */
export const infoLevel = 3;

/** Characters of a text that are looked at; a branch decides how long it is. */
const longest = 16_384;

const id = z.string();
const number = z.number().catch(0);
const text = z.string().catch('').transform(bothEnds);
const fields = z.array(z.union([z.string().transform(bothEnds), z.number()])).catch([]);

const Record = z.discriminatedUnion('action', [
  z.object({ action: z.literal('start'), id, type: number, level: number, text, fields }),
  z.object({ action: z.literal('stop'), id }),
  z.object({ action: z.literal('result'), id, type: number, fields }),
  z.object({
    action: z.literal('msg'),
    level: number,
    msg: text,
    raw_msg: z.string().transform(bothEnds).optional().catch(undefined),
  }),
]);

/** One line of what Nix says on stderr with `--log-format internal-json`. `text` is a line that is no record. */
export type NixRecord = z.infer<typeof Record> | { readonly action: 'text'; readonly text: string };

/**
 * Reads one line. Tolerant: versions of Nix (and its forks) differ in records, types and keys, so an unknown record is
 * `null` and a missing key gets a neutral value. Ids are strings: they are `pid << 32 + n`, which a double cannot hold
 * for process ids above 2^21 (src/libutil/logging.cc).
 */
export function parseRecord(line: string): NixRecord | null {
  if (!line.startsWith('@nix ')) return { action: 'text', text: plainText(bothEnds(line)) };
  let value: unknown;
  try {
    value = JSON.parse(line.slice('@nix '.length).replace(/"(id|parent)":(\d+)/g, '"$1":"$2"'));
  } catch {
    return { action: 'text', text: plainText(bothEnds(line)) }; // cut off by a kill, or two processes on one line
  }
  const record = Record.safeParse(value);
  return record.success ? record.data : null;
}

/** A text that is too long without its middle: an error begins with its kind, and the reason stands at the end of its trace. */
function bothEnds(whole: string): string {
  if (whole.length <= longest) return whole;
  return `${whole.slice(0, longest / 2)} … ${whole.slice(-longest / 2)}`;
}
