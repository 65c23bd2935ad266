import type { Readable } from 'node:stream';
import { plainText } from '@bough/core/text/plain-text.ts';
import { createLineSplitter } from './line-splitter.ts';

/** How many last lines of a failed tool people get to see. */
const lastLines = 20;

/** What a stream of a child has said so far. */
export interface CollectedOutput {
  /** The last `maxBytes` of it, raw. */
  text(): string;
  /** Its last lines as people should see them. */
  lastLines(): string[];
  /** Calls back once, when more than `maxBytes` have come. */
  onOverflow(callback: () => void): void;
}

/** Collects a stream within bounds, and gives each line, made plain, to `onLine` as it comes. */
export function collectOutput(
  stream: Readable,
  onLine: ((line: string) => void) | undefined,
  maxBytes: number,
): CollectedOutput {
  let chunks: Buffer[] = [];
  let kept = 0;
  let total = 0;
  let overflow: (() => void) | undefined;
  const splitter = onLine === undefined ? undefined : createLineSplitter((line) => onLine(plainText(line)));

  stream.on('data', (chunk: Buffer) => {
    splitter?.write(chunk);
    chunks.push(chunk);
    kept += chunk.length;
    total += chunk.length;
    if (total > maxBytes) {
      overflow?.();
      overflow = undefined;
    }
    if (kept > maxBytes * 2) {
      chunks = [Buffer.concat(chunks).subarray(-maxBytes)];
      kept = maxBytes;
    }
  });
  stream.on('end', () => splitter?.end());

  const text = (): string => Buffer.concat(chunks).subarray(-maxBytes).toString('utf8');
  return {
    text,
    lastLines: () =>
      text()
        .split('\n')
        .map(plainText)
        .filter((line) => line.trim() !== '')
        .slice(-lastLines),
    onOverflow(callback) {
      overflow = callback;
    },
  };
}
