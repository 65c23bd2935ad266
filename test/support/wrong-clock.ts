// Preloaded into worker and receiver by `worker-drop-in.ts`, never part of Bough. Their wall clock jumps when a test says so.
// Machines share the kernel's clock, which no test may set; the clock by which timers run never jumps on a real host either.
import { readFileSync } from 'node:fs';
import { clockOffset } from './worker-point-files.ts';

let offsetMs = 0;

function look(): void {
  try {
    offsetMs = Number(readFileSync(clockOffset, 'utf8'));
  } catch {
    offsetMs = 0;
  }
}

look();
process.on('SIGUSR2', look);

const RealDate = Date;
const now = (): number => RealDate.now() + offsetMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, words: [], newTarget) =>
    Reflect.construct(target, words.length === 0 ? [now()] : words, newTarget),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
