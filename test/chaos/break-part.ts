import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { blockWorker } from '../support/block-worker.ts';
import { emptyRedisFolder } from '../support/empty-redis-folder.ts';
import { get, type Installation, systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';
import { fillDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { setClocks } from '../support/worker-drop-in.ts';
import { breakRemote } from './break-remote.ts';
import type { Fault } from './schedule.ts';
import { kill, signalUnit } from './signal-unit.ts';
import type { visitSteadily } from './steady.ts';

/** What can be broken, and who has to be excused for it. */
export interface Parts {
  readonly bough: Installation;
  readonly visitors: ReturnType<typeof visitSteadily>;
}

const frozenMs = 1_500;
const hourMs = 3_600_000;

/** Breaks one part of the host or of Bough. It resolves when that has happened, not when it is healed. */
export async function breakPart(fault: Fault, { bough, visitors }: Parts): Promise<void> {
  switch (fault) {
    case 'kill-worker':
      return await signalUnit('bough-worker.service', 'SIGKILL');
    case 'freeze-worker':
      await signalUnit('bough-worker.service', 'SIGSTOP');
      await runSecondWorker(frozenMs);
      return await signalUnit('bough-worker.service', 'SIGCONT');
    case 'second-worker':
      return await runSecondWorker(frozenMs);
    case 'block-worker': {
      const standby = runSecondWorker(frozenMs);
      await blockWorker(frozenMs);
      return await standby;
    }
    case 'clock-forward':
      return await setClocks(26 * hourMs);
    case 'clock-back':
      return await setClocks(-26 * hourMs);
    case 'restart-worker':
      await systemctl('restart', 'bough-worker.service');
      return;
    case 'kill-receiver':
      return await signalUnit('bough-receiver.service', 'SIGKILL');
    case 'freeze-receiver':
      return await freeze('bough-receiver.service');
    case 'kill-redis':
      return await signalUnit('bough-redis.service', 'SIGKILL');
    case 'freeze-redis':
      return await freeze('bough-redis.service');
    case 'empty-redis':
      return await emptyRedisFolder();
    case 'flush-redis':
      await bough.redis.flushall().catch(() => undefined); // it may be starting
      return;
    case 'starve-redis':
      await bough.redis.config('SET', 'maxmemory', '1').catch(() => undefined);
      await sleep(frozenMs);
      await bough.redis.config('SET', 'maxmemory', '0').catch(() => undefined);
      return;
    case 'fill-redis-disk':
      return await fillDisk('/var/lib/bough-redis', () => sleep(frozenMs));
    case 'fill-state-disk':
      return await fillDisk('/var/lib/bough', () => sleep(frozenMs));
    case 'fill-store-disk':
      return await fillDisk('/nix', () => sleep(frozenMs));
    case 'restart-nix-daemon':
      await systemctl('reset-failed', 'nix-daemon.service'); // systemd counts how often it is started
      await systemctl('restart', 'nix-daemon.service');
      return;
    case 'freeze-nix-daemon':
      return await freeze('nix-daemon.service');
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
    case 'slow-remote':
    case 'stale-remote':
      return await breakRemote(fault, bough.repository, frozenMs);
  }
}

/** All processes of a unit, those of builders too. */
async function freeze(unit: string): Promise<void> {
  const signal = async (name: string) => await systemctl('kill', `--signal=${name}`, unit).catch(() => undefined); // it may not run
  await signal('SIGSTOP');
  await sleep(frozenMs);
  await signal('SIGCONT');
}

async function runSecondWorker(forMs: number): Promise<void> {
  const worker = fileURLToPath(import.meta.resolve('@bough/worker/main.ts'));
  const second = spawn(process.execPath, [worker, '/etc/bough/bough.json'], { stdio: 'ignore' });
  await sleep(forMs);
  second.kill('SIGKILL');
}
