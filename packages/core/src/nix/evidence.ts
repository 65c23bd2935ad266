import { plainText } from '../text/plain-text.ts';
import { plainLines } from './log-line.ts';
import { activity, type NixRecord, result } from './parse-record.ts';
import type { NixState } from './progress.ts';

/** How many last lines of each builder are kept to show them when it fails. */
const tailLines = 40;

/** One error of Nix. `text` is the innermost reason; `lines` is all of it, with the trace. */
export interface NixError {
  readonly text: string;
  readonly lines: readonly string[];
}

/** What a run of Nix left behind that says why it failed. */
export interface Evidence {
  /** In the order they came: with a failed dependency, the root cause is first. */
  readonly errors: NixError[];
  /** The last lines of each builder, by derivation path. */
  readonly tails: Map<string, string[]>;
  /** The derivations Nix said it began to build: what a builder prints is passed on as Nix's own message, but for that. */
  readonly begun: Set<string>;
}

/** No evidence yet. */
export function newEvidence(): Evidence {
  return { errors: [], tails: new Map(), begun: new Set() };
}

/** Adds what one record says. `state` is the state after it. Changes `evidence`: a build may print a million lines. */
export function addEvidence(evidence: Evidence, record: NixRecord, state: NixState): void {
  if (record.action === 'start' && record.type === activity.build) evidence.begun.add(String(record.fields[0] ?? ''));
  if (record.action === 'result' && record.type === result.buildLogLine) {
    const drv = state.running.get(record.id)?.drv ?? '';
    const tail = evidence.tails.get(drv) ?? [];
    tail.push(plainText(String(record.fields[0] ?? '')));
    if (tail.length > tailLines) tail.shift();
    evidence.tails.set(drv, tail);
  }
  const error = errorOf(record);
  if (error !== null && evidence.errors.length < 100) evidence.errors.push(error);
}

/** The error a record tells of. Its level does not tell errors from notices: both may be 0. */
function errorOf(record: NixRecord): NixError | null {
  if (record.action === 'text') {
    return /^(error|fatal): /.test(record.text) ? { text: reasonOf(record.text), lines: [record.text] } : null;
  }
  if (record.action !== 'msg') return null;
  const lines = plainLines(record.msg);
  if (lines[0]?.startsWith('error:') !== true) return null;
  const reason = record.raw_msg === undefined ? reasonOf(lines.join('\n')) : plainLines(record.raw_msg).join('\n');
  return { text: reason, lines };
}

/** Behind the last `error:` of a trace stands the reason itself. Quoted log lines (`> error: …`) do not count. */
function reasonOf(text: string): string {
  const lines = text.split('\n');
  const start = lines.findLastIndex((line) => /^ *(error|fatal):/.test(line));
  return lines
    .slice(Math.max(0, start))
    .map((line) => line.trim())
    .join('\n')
    .replace(/^(error|fatal):\s*/, '');
}
