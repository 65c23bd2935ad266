import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemctl } from './installation.ts';
import { until } from './until.ts';
import { armed, clockOffset, passed, reached } from './worker-point-files.ts';

/** What is preloaded into which service. */
const preloads = {
  'bough-worker.service': ['worker-points.ts', 'wrong-clock.ts'],
  'bough-receiver.service': ['wrong-clock.ts'],
};
const units = Object.keys(preloads);
const folderOf = (unit: string): string => `/etc/systemd/system/${unit}.d`;

/**
 * Makes the worker that is installed next one that can be told where to die, and the clocks of worker and receiver such
 * as can be told how wrong they are; undone when disposed.
 */
export async function wireWorker(): Promise<AsyncDisposable> {
  for (const [unit, names] of Object.entries(preloads)) {
    const options = names.map((name) => `--import=${fileURLToPath(import.meta.resolve(`./${name}`))}`).join(' ');
    await mkdir(folderOf(unit), { recursive: true });
    await writeFile(`${folderOf(unit)}/test.conf`, `[Service]\nEnvironment="NODE_OPTIONS=${options}"\n`);
  }
  await systemctl('daemon-reload');
  return {
    async [Symbol.asyncDispose]() {
      for (const unit of units) await rm(folderOf(unit), { recursive: true });
      await systemctl('daemon-reload');
    },
  };
}

/** All at once: the worker reads it at each point, and a file that is still empty names any. */
async function arm(text: string): Promise<void> {
  await writeFile(`${armed}.new`, text);
  await rename(`${armed}.new`, armed);
}

/** Lets the worker end itself with SIGKILL at the `point`th point from now, in whatever it does; see `worker-points.ts`. */
export async function killWorkerAt(point: number): Promise<void> {
  await rm(passed, { force: true });
  await arm(`SIGKILL at ${point} ${process.hrtime.bigint()}`);
}

/** The same at the next point whose name begins like that. */
export async function killWorkerWhen(prefix: string): Promise<void> {
  await arm(`SIGKILL at ${prefix}`);
}

/** The points the worker passes while `work` is done, in their order. */
export async function pointsPassed(work: () => Promise<void>): Promise<string[]> {
  await killWorkerAt(Number.POSITIVE_INFINITY);
  try {
    await work();
  } finally {
    await spareWorker();
  }
  return await pointsPassedSoFar();
}

/** The points the worker has passed since one was armed last. */
export async function pointsPassedSoFar(): Promise<string[]> {
  return await linesOf(passed);
}

/** Holds the worker with SIGSTOP at the next point whose name begins like that, while `meanwhile` is done. */
export async function holdWorkerAt<T>(prefix: string, meanwhile: () => Promise<T>): Promise<T> {
  const before = (await pointsReached()).length;
  await arm(`SIGSTOP at ${prefix}`);
  try {
    await until(`the worker comes to ${prefix}`, async () => (await pointsReached()).length > before, 30_000);
    return await meanwhile();
  } finally {
    await spareWorker();
    await systemctl('kill', '--kill-whom=main', '--signal=SIGCONT', 'bough-worker.service');
  }
}

/** Takes `killWorkerAt` back. Gives whether it was still to come. */
export async function spareWorker(): Promise<boolean> {
  return await rm(armed).then(
    () => true,
    () => false,
  );
}

/** The points at which the worker has ended so far. */
export async function pointsReached(): Promise<string[]> {
  return await linesOf(reached);
}

async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Makes the wall clocks of worker and receiver wrong by so much from now on, also those of the next ones. */
export async function setClocks(offsetMs: number): Promise<void> {
  await writeFile(clockOffset, String(offsetMs));
  for (const unit of units) {
    await systemctl('kill', '--kill-whom=main', '--signal=SIGUSR2', unit).catch(() => undefined); // it may be down
  }
}
