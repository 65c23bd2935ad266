import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { askWorker } from '../control/ask-worker.ts';

/** Who has ended so often meanwhile, and was started again by systemd each time, will not become ready. */
const mostEnds = 5;

/**
 * Waits until the receiver keeps deliveries and the worker that systemd runs takes jobs.
 * @throws AppError STACK_NOT_READY, naming who is not ready and the last reason
 */
export async function awaitReady(
  config: Config,
  systemctl: (...words: string[]) => Promise<string>,
  deadlineMs: number,
): Promise<void> {
  const worker = async () => {
    const pid = Number(await systemctl('show', '--value', '--property=MainPID', '--', 'bough-worker.service'));
    const answer = await askWorker(layoutOf(config).control, 'GET /readiness', null, 2_000);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a worker of ours, or of an older one that has no such route
    const body = answer?.body as { pid?: number; ready?: boolean } | undefined;
    if (body === undefined) return 'nobody listens at its control socket';
    return body.pid === pid && body.ready === true ? null : 'it takes no jobs yet';
  };
  const receiver = async () => {
    const { host, port } = config.receiver;
    const address = host.includes(':') ? `[${host}]` : host;
    const response = await fetch(`http://${address}:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? null : `it answers ${response.status}`;
  };
  const end = performance.now() + deadlineMs;
  for (const [name, look] of Object.entries({ worker, receiver })) {
    const unit = `bough-${name}.service`;
    const restarts = async () => Number(await systemctl('show', '--value', '--property=NRestarts', '--', unit));
    await until(unit, look, restarts, end);
  }
}

async function until(
  unit: string,
  look: () => Promise<string | null>,
  restarts: () => Promise<number>,
  end: number,
): Promise<void> {
  const before = await restarts();
  for (;;) {
    const problem = await look().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (problem === null) return;
    const ends = (await restarts()) - before;
    if (ends >= mostEnds || performance.now() > end) {
      const why = ends === 0 ? problem : `${problem}, and it has ended ${ends} times`;
      throw new AppError('STACK_NOT_READY', `${unit} did not become ready: ${why}; see journalctl --unit=${unit}`);
    }
    await sleep(100);
  }
}
