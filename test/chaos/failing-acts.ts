import { rm, writeFile } from 'node:fs/promises';
import { unitName } from '@bough/core/unit-name.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { type Installation, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { deadlineMs, hasComeTo, id, isUnfit, lasting, pushNext, untilLive } from './pushes.ts';

/** Until this is there, builds of what is pushed to fail do. */
const gate = '/srv/bough-test/gate';

export async function pushFailing(bough: Installation): Promise<void> {
  await rm(gate, { force: true });
  await pushNext(bough, lasting, { build: `test -e ${gate}` });
  await until('it has failed', async () => await hasComeTo(bough, 'failed'), deadlineMs);
}

/** Pressed once: whatever becomes of the worker, it stays a retry. */
export async function retry(bough: Installation): Promise<void> {
  const [failed, ...others] = await bough.builds.getFailed();
  if (failed === undefined || others.length > 0)
    throw new Error(`one build should have failed, not ${failed === undefined ? 0 : others.length + 1}`);
  await writeFile(gate, '');
  await failed.retry();
  await untilLive(bough, lasting);
}

/** Its process ends at once: what was verified before it serves on. */
export async function pushUnfit(bough: Installation): Promise<void> {
  await pushNext(bough, lasting, { server: 'process.exit(3);\n' });
  await until('it is found unfit', async () => await isUnfit(bough), deadlineMs);
}

/** On probation its process is started again so often that systemd gives it up, as one that crashes each time. */
export async function giveUp(bough: Installation): Promise<void> {
  const seq = (await createDeploymentStore(bough.layout).read(id))?.desired ?? 0;
  const unit = unitName({ ...id, seq, service: 'web', role: 'process' });
  await until(
    'systemd gives it up',
    async () => {
      await systemctl('restart', unit).catch(() => undefined); // the last of them is refused
      return (await systemctl('show', '--value', '--property=ActiveState', unit)).trim() === 'failed';
    },
    deadlineMs,
  );
  await bough.untilIdle(); // what another sweep is at, which may have looked before, a sweep of all leaves to that
  await bough.sweep();
  await until('it is found unfit', async () => await isUnfit(bough), deadlineMs);
}
