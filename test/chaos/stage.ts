import { writeFile } from 'node:fs/promises';
import { type Installation, install, systemctl } from '../support/installation.ts';
import { makeReplica, removeReplica, replica } from './replica.ts';
import { mountSmallDisk, mountSmallStore, unmountSmallDisk, unmountSmallStore } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { spareWorker, wireWorker } from '../support/worker-drop-in.ts';

/** Where the disk can be filled without filling the host's. */
const folders = ['/var/lib/bough', '/var/lib/bough-redis'];
const services = ['bough-worker.service', 'bough-receiver.service', 'bough-redis.service'];
const mib = 1 / 1024;
/** What `bough rotate` is about. */
const credentialFile = '/srv/bough-test/token';

/** A Bough installed anew whose disks are small, whose worker can be told where to die, and whose way to the forge is its own. */
export async function setStage(): Promise<Installation> {
  for (const folder of folders) await unmountSmallDisk(folder); // of a run that was cut short
  const wired = await wireWorker();
  await mountSmallStore(256);
  const bough = await install(
    { sweepIntervalSec: 5, gc: { lowFreeGiB: 2 * mib, highFreeGiB: 8 * mib } },
    { remote: replica, credentials: [{ name: 'token', file: credentialFile }] },
  );
  await writeFile(credentialFile, 'a token');
  await systemctl('stop', ...services);
  await makeReplica(bough.repository.remote);
  for (const folder of folders) await mountSmallDisk(folder, 32);
  await systemctl('start', ...services);
  await until(
    'the receiver listens',
    async () =>
      await fetch('http://127.0.0.1:9010/').then(
        () => true,
        () => false,
      ),
    60_000, // on a host that is busy with other machines
  );
  const dispose = bough[Symbol.asyncDispose];
  return {
    ...bough,
    async [Symbol.asyncDispose]() {
      await spareWorker();
      await systemctl('stop', ...services);
      for (const folder of folders) await unmountSmallDisk(folder);
      await dispose();
      await unmountSmallStore();
      await removeReplica();
      await wired[Symbol.asyncDispose]();
    },
  };
}
