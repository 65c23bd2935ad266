import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { blockWorker } from '../support/block-worker.ts';
import { emptyRedisFolder } from '../support/empty-redis-folder.ts';
import { get, type Installation, systemctl } from '../support/installation.ts';
import { loseJobLocks } from '../support/lose-job-locks.ts';
import { killNixDaemon, restartNixDaemon } from '../support/nix-daemon.ts';
import { processesWith } from '../support/processes.ts';
import { fillDisk } from '../support/small-disk.ts';
import { startSecondWorker } from '../support/standby.ts';
import { until } from '../support/until.ts';
import { setClocks } from '../support/worker-drop-in.ts';
import { breakRemote } from './break-remote.ts';
import { replica } from './replica.ts';
import type { Fault } from './schedule.ts';
import { kill, mainPidOf, signalUnit } from './signal-unit.ts';
import type { visitSteadily } from './steady.ts';

/** What can be broken, and who has to be excused for it. */
export interface Parts {
  readonly bough: Installation;
  readonly visitors: ReturnType<typeof visitSteadily>;
}

const frozenMs = 1_500;
const hourMs = 3_600_000;

/**
 * Breaks one part of the host or of Bough. It resolves when that has happened, not when it is healed, with whether there was
 * what it breaks.
 */
export async function breakPart(fault: Fault, { bough, visitors }: Parts): Promise<boolean> {
  switch (fault) {
    case 'kill-worker':
      return await signalUnit('bough-worker.service', 'SIGKILL');
    case 'freeze-worker':
      return await besideSecondWorker(async () => {
        const isFrozen = await signalUnit('bough-worker.service', 'SIGSTOP');
        await loseJobLocks(bough); // of what it builds, as if it had been frozen for longer
        await sleep(frozenMs);
        await signalUnit('bough-worker.service', 'SIGCONT');
        return isFrozen;
      });
    case 'second-worker':
      return await besideSecondWorker(async () => {
        await sleep(frozenMs);
        return true;
      });
    case 'block-worker':
      return await besideSecondWorker(async () => await blockWorker(frozenMs));
    case 'clock-forward':
      await setClocks(26 * hourMs);
      return true;
    case 'clock-back':
      await setClocks(-26 * hourMs);
      return true;
    case 'restart-worker':
      await systemctl('restart', 'bough-worker.service');
      return true;
    case 'kill-receiver':
      return await signalUnit('bough-receiver.service', 'SIGKILL');
    case 'freeze-receiver':
      return await freeze('bough-receiver.service');
    case 'kill-redis':
      return await signalUnit('bough-redis.service', 'SIGKILL');
    case 'freeze-redis':
      return await freeze('bough-redis.service');
    case 'empty-redis':
      await emptyRedisFolder();
      return true;
    case 'flush-redis':
      return await isAnswered(bough.redis.flushall());
    case 'starve-redis': {
      const isStarved = await isAnswered(bough.redis.config('SET', 'maxmemory', '1'));
      await sleep(frozenMs);
      await isAnswered(bough.redis.config('SET', 'maxmemory', '0'));
      return isStarved;
    }
    case 'fill-redis-disk':
      await fillDisk('/var/lib/bough-redis', () => sleep(frozenMs));
      return true;
    case 'fill-state-disk':
      await fillDisk('/var/lib/bough', () => sleep(frozenMs));
      return true;
    case 'fill-store-disk':
      await fillDisk('/nix', () => sleep(frozenMs));
      return true;
    case 'restart-nix-daemon':
      await restartNixDaemon();
      return true;
    case 'kill-nix-daemon': {
      const isThere = (await mainPidOf('nix-daemon.service')) > 0;
      await killNixDaemon();
      return isThere;
    }
    case 'freeze-nix-daemon':
      return await freeze('nix-daemon.service');
    case 'kill-builder':
      return processesWith('-build.sh').filter((pid) => kill(Number(pid), 'SIGKILL')).length > 0;
    case 'collect-store': {
      const env = { ...process.env, NIX_REMOTE: 'daemon' };
      const [code] = await once(spawn('nix-store', ['--gc'], { stdio: 'ignore', env }), 'exit');
      return code === 0;
    }
    case 'restart-caddy':
      await visitors.excuse(async () => {
        await systemctl('restart', 'bough-caddy.service');
        await until('Caddy answers again', async () => (await get('/main/')).status === 200, 10_000);
      });
      return true;
    case 'lose-remote':
    case 'slow-remote':
    case 'stale-remote':
      return await breakRemote(fault, { ...bough, repository: { remote: replica } }, frozenMs);
  }
}

/** All processes of a unit, those of builders too. */
async function freeze(unit: string): Promise<boolean> {
  const isThere = (await mainPidOf(unit)) > 0;
  const signal = async (name: string) => await systemctl('kill', `--signal=${name}`, unit).catch(() => undefined); // it may not run
  await signal('SIGSTOP');
  await sleep(frozenMs);
  await signal('SIGCONT');
  return isThere;
}

/** A Redis that is starting may refuse. */
async function isAnswered(command: Promise<unknown>): Promise<boolean> {
  return await command.then(
    () => true,
    () => false,
  );
}

/** Without one that stands by in time it is done all the same, but counts as missed. */
async function besideSecondWorker(work: () => Promise<boolean>): Promise<boolean> {
  using second = await startSecondWorker().catch(() => null);
  return (await work()) && second !== null;
}
