import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Place } from './place.ts';
import { say } from './say.ts';

/**
 * Shows what receiver and worker log, as lines for people, until disposed of. `onFailure` hears of errors. Nothing of what an
 * earlier demo logged into the same journal.
 */
export function followLog(place: Place, began: Date, onFailure: (reason: string) => void): Disposable {
  const unit = place.scope === 'user' ? '--user-unit' : '--unit';
  const units = ['bough-receiver', 'bough-worker'].map((name) => `${unit}=${name}.service`);
  const journal = [
    'journalctl',
    '--follow',
    '--lines=all',
    `--since=@${Math.floor(began.getTime() / 1_000)}`,
    '--output=cat',
    ...units,
  ];
  const child = spawn('env', [...place.enter, ...journal], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  child.on('error', () => {}); // without a journal there is no commentary
  createInterface(child.stdout).on('line', (line) => {
    const entry = parse(line);
    if (entry === null || entry.level < 30) return;
    say(`  ${describe(entry)}`);
    if (entry.level >= 50) onFailure(describe(entry));
  });
  return { [Symbol.dispose]: () => void child.kill() };
}

/** A line of pino. */
interface Entry {
  readonly level: number;
  readonly msg: string;
  readonly name?: string;
  readonly err?: { readonly message?: string; readonly log?: readonly string[] };
  readonly [field: string]: unknown;
}

/** `null` for what others print, such as warnings of Node. */
function parse(line: string): Entry | null {
  try {
    const entry: Entry = JSON.parse(line);
    return typeof entry.level === 'number' && typeof entry.msg === 'string' ? entry : null;
  } catch {
    return null;
  }
}

const shown = ['project', 'branch', 'slug', 'event', 'commit', 'release', 'reason', 'code', 'ms'];

/** One line for the entry, and below it the lists in its outcome and what is known of its error. */
function describe({ name = '', msg, err, outcome, ...entry }: Entry): string {
  const result = isRecord(outcome) ? outcome : { outcome };
  const facts = ['outcome', ...shown].flatMap((key) => fact(key, { ...entry, ...result }[key]));
  const lists = Object.values(result).flatMap((value) => (Array.isArray(value) ? value.map(String) : []));
  const details = err === undefined ? [] : [err.message ?? '', ...(err.log ?? [])];
  const head = `${name.replace(/^bough-/, '')}: ${msg}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
  return [head, ...[...lists, ...details].map((line) => `             ${line}`)].join('\n');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function fact(key: string, value: unknown): string[] {
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  return [`${key} ${/^[0-9a-f]{40}$/.test(String(value)) ? String(value).slice(0, 7) : value}`];
}
