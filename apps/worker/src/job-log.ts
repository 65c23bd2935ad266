import { setTimeout as sleep } from 'node:timers/promises';
import { plainText } from '@bough/core/text/plain-text.ts';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';

const batchMs = 250;
const maxRowBytes = 65_536; // the board loads all rows at once
const maxLogBytes = 131_072; // of one run: Redis keeps the logs of some thousand jobs
const maxPendingBytes = maxLogBytes - maxRowBytes / 4; // what is kept while Redis is away; the whole log is a file
const progressMs = 1_000;
const closeMs = 2_000;

/** The log and progress of one job as people see them in the board. Nothing here throws. */
export interface JobLog {
  /** Adds a line. */
  readonly line: (text: string) => void;
  /** Shows the latest progress, at most once a second. */
  readonly progress: (value: object) => void;
  /** Sends what is left, for at most two seconds. What comes later is lost. */
  readonly close: () => Promise<void>;
}

/** Sends lines in batches: one row each quarter of a second, not one round trip per line. */
export function createJobLog(job: Pick<Job, 'log' | 'updateProgress' | 'clearLogs'>, log: Logger): JobLog {
  let lines: string[] = [];
  let bytes = 0;
  let dropped = 0;
  let sending: Promise<void> = Promise.resolve();
  let idle = true;
  let progress: object | null = null;
  let progressSentAt = 0;
  const sent: number[] = []; // bytes of the rows that Redis has of this run
  let closed: Promise<void> | null = null;

  function line(text: string): void {
    const clean = plainText(text.slice(0, maxRowBytes)).slice(0, maxRowBytes / 4);
    lines.push(clean);
    bytes += Buffer.byteLength(clean) + 1;
    while (bytes > maxPendingBytes) {
      bytes -= Buffer.byteLength(lines.shift() ?? '') + 1;
      dropped += 1;
    }
  }

  async function send(): Promise<void> {
    if (!idle) return;
    idle = false;
    try {
      if (dropped > 0) lines.unshift(`… ${dropped} lines are left out here; the log file has them`);
      const rows = rowsOf(lines);
      lines = [];
      bytes = 0;
      dropped = 0;
      for (const row of rows) await job.log(row);
      sent.push(...rows.map((row) => Buffer.byteLength(row)));
      await forgetOldest();
      if (progress !== null && Date.now() - progressSentAt >= progressMs) {
        const latest = progress;
        progress = null;
        progressSentAt = Date.now();
        await job.updateProgress(latest);
      }
    } catch (error) {
      log.debug({ err: error }, 'the log of a job cannot be kept'); // its job is gone after a FLUSHALL
    } finally {
      idle = true;
    }
  }

  /** The newest rows stay, where an error is; the file has all. */
  async function forgetOldest(): Promise<void> {
    const before = sent.length;
    while (sent.length > 1 && sent.reduce((total, size) => total + size, 0) > maxLogBytes) sent.shift();
    if (sent.length < before) await job.clearLogs(sent.length);
  }

  const timer = setInterval(() => {
    if (idle) sending = send();
  }, batchMs);

  return {
    line,
    progress: (value) => {
      progress = value;
    },
    close: async () => {
      clearInterval(timer);
      progressSentAt = 0;
      closed ??= Promise.race([sending.then(send), sleep(closeMs, undefined, { ref: false })]);
      await closed;
    },
  };
}

/** Joins lines to rows of at most 64 KiB. A single line is shorter than that already. */
function rowsOf(lines: readonly string[]): string[] {
  const rows: string[] = [];
  let row: string[] = [];
  let size = 0;
  for (const text of lines) {
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > maxRowBytes && row.length > 0) {
      rows.push(row.join('\n'));
      row = [];
      size = 0;
    }
    row.push(text);
    size += bytes;
  }
  if (row.length > 0) rows.push(row.join('\n'));
  return rows;
}
