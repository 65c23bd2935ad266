import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

/** A second worker, as somebody would start it by mistake. */
export interface Standby extends Disposable {
  readonly pid: number;
}

/** Starts a worker beside the one that runs, and waits until it says that it stands by. It is killed when disposed of. */
export async function startStandby(): Promise<Standby> {
  return await startUntilItSays(['standing by']);
}

/** The same where no other may be running: then it is the one that works. */
export async function startSecondWorker(): Promise<Standby> {
  return await startUntilItSays(['standing by', 'taking jobs']);
}

async function startUntilItSays(words: readonly string[]): Promise<Standby> {
  const main = fileURLToPath(import.meta.resolve('@bough/worker/main.ts'));
  const child = spawn(process.execPath, [main, '/etc/bough/bough.json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const dispose = () => void child.kill('SIGKILL');
  try {
    await until(`it is ${words.join(' or ')}`, () => said.some((line) => words.some((word) => line.includes(word))));
  } catch (error) {
    dispose();
    throw error;
  }
  return { pid: child.pid ?? 0, [Symbol.dispose]: dispose };
}
