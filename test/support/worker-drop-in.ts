import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemctl } from './installation.ts';
import { until } from './until.ts';
import { armed, clockOffset, reached } from './worker-point-files.ts';

const folder = '/etc/systemd/system/bough-worker.service.d';

/** Makes the worker that is installed next one that can be told where to die and how wrong its clock is; undone when disposed. */
export async function wireWorker(): Promise<AsyncDisposable> {
  const preloads = ['worker-points.ts', 'worker-clock.ts'].map(
    (name) => `--import=${fileURLToPath(import.meta.resolve(`./${name}`))}`,
  );
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/test.conf`, `[Service]\nEnvironment="NODE_OPTIONS=${preloads.join(' ')}"\n`);
  await systemctl('daemon-reload');
  return {
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true });
      await systemctl('daemon-reload');
    },
  };
}

/** Lets the worker end itself with SIGKILL at the `point`th point from now, in whatever it does; see `worker-points.ts`. */
export async function killWorkerAt(point: number): Promise<void> {
  await writeFile(armed, `SIGKILL at ${point} ${process.hrtime.bigint()}`);
}

/** Holds the worker with SIGSTOP at the next point whose name begins like that, while `meanwhile` is done. */
export async function holdWorkerAt<T>(prefix: string, meanwhile: () => Promise<T>): Promise<T> {
  const before = (await pointsReached()).length;
  await writeFile(armed, `SIGSTOP at ${prefix}`);
  await until(`the worker comes to ${prefix}`, async () => (await pointsReached()).length > before, 30_000);
  try {
    return await meanwhile();
  } finally {
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
  const text = await readFile(reached, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Makes the worker's wall clock wrong by so much from now on, also for the next worker. */
export async function setWorkerClock(offsetMs: number): Promise<void> {
  await writeFile(clockOffset, String(offsetMs));
  await systemctl('kill', '--kill-whom=main', '--signal=SIGUSR2', 'bough-worker.service').catch(() => undefined); // it may be down
}
