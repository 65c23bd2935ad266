import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { get, type Installation, systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';
import { until } from '../support/until.ts';
import type { Fault } from './schedule.ts';
import { kill, signalUnit } from './signal-unit.ts';
import type { visitSteadily } from './steady.ts';

/** What can be broken, and who has to be excused for it. */
export interface Parts {
  readonly bough: Installation;
  readonly visitors: ReturnType<typeof visitSteadily>;
}

const frozenMs = 1_500;

/** Breaks one part of the host or of Bough. It resolves when that has happened, not when it is healed. */
export async function breakPart(fault: Fault, { bough, visitors }: Parts): Promise<void> {
  switch (fault) {
    case 'kill-worker':
      return await signalUnit('bough-worker.service', 'SIGKILL');
    case 'freeze-worker':
      await signalUnit('bough-worker.service', 'SIGSTOP');
      await sleep(frozenMs);
      return await signalUnit('bough-worker.service', 'SIGCONT');
    case 'second-worker':
      return await runSecondWorker();
    case 'restart-worker':
      await systemctl('restart', 'bough-worker.service');
      return;
    case 'kill-receiver':
      return await signalUnit('bough-receiver.service', 'SIGKILL');
    case 'kill-redis':
      return await signalUnit('bough-redis.service', 'SIGKILL');
    case 'freeze-redis':
      await signalUnit('bough-redis.service', 'SIGSTOP');
      await sleep(frozenMs);
      return await signalUnit('bough-redis.service', 'SIGCONT');
    case 'empty-redis':
      await systemctl('stop', 'bough-redis.service');
      for (const name of await readdir('/var/lib/bough-redis'))
        await rm(`/var/lib/bough-redis/${name}`, { recursive: true });
      await systemctl('start', 'bough-redis.service');
      return;
    case 'flush-redis':
      await bough.redis.flushall().catch(() => undefined); // it may be starting
      return;
    case 'restart-nix-daemon':
      await systemctl('reset-failed', 'nix-daemon.service'); // systemd counts how often it is started
      await systemctl('restart', 'nix-daemon.service');
      return;
    case 'kill-builder':
      for (const pid of processesWith('-build.sh')) kill(Number(pid), 'SIGKILL');
      return;
    case 'collect-store':
      await once(
        spawn('nix-store', ['--gc'], { stdio: 'ignore', env: { ...process.env, NIX_REMOTE: 'daemon' } }),
        'exit',
      );
      return;
    case 'restart-caddy':
      await visitors.excuse(async () => {
        await systemctl('restart', 'bough-caddy.service');
        await until('Caddy answers again', async () => (await get('/main/')).status === 200, 10_000);
      });
      return;
    case 'lose-remote':
      await rename(bough.repository.remote, `${bough.repository.remote}.lost`);
      await sleep(frozenMs);
      await rename(`${bough.repository.remote}.lost`, bough.repository.remote);
      return;
  }
}

async function runSecondWorker(): Promise<void> {
  const worker = fileURLToPath(import.meta.resolve('@bough/worker/main.ts'));
  const second = spawn(process.execPath, [worker, '/etc/bough/bough.json'], { stdio: 'ignore' });
  await sleep(frozenMs);
  second.kill('SIGKILL');
}
