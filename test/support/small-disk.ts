import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { systemctl } from './installation.ts';
import { until } from './until.ts';

const exec = promisify(execFile);
const redisFolder = '/var/lib/bough-redis';

/** Puts a disk of its own over `folder`, empty, with room for `mib`. Whoever works in there has to be stopped. */
export async function mountSmallDisk(folder: string, mib: number): Promise<void> {
  await exec('mkdir', ['-p', folder]);
  await exec('mount', ['-t', 'tmpfs', '-o', `mode=755,size=${mib}m`, 'tmpfs', folder]);
}

/** Takes every such disk away. */
export async function unmountSmallDisk(folder: string): Promise<void> {
  await exec('umount', ['--lazy', folder]).catch(() => undefined); // it was not there
}

/** A small Nix store over the machine's. */
export async function mountSmallStore(mib: number): Promise<void> {
  await systemctl('stop', 'nix-daemon.service', 'nix-daemon.socket');
  await mountSmallDisk('/nix', mib);
  await exec('systemd-tmpfiles', ['--create']);
  await systemctl('start', 'nix-daemon.socket');
}

/** The machine's own store again. */
export async function unmountSmallStore(): Promise<void> {
  await systemctl('stop', 'nix-daemon.service', 'nix-daemon.socket');
  await unmountSmallDisk('/nix');
  await systemctl('start', 'nix-daemon.socket');
}

/** A small disk, empty, under Bough's own Redis. */
export async function mountSmallRedis(mib: number): Promise<void> {
  await systemctl('stop', 'bough-redis.service');
  await mountSmallDisk(redisFolder, mib);
  await systemctl('start', 'bough-redis.service');
  await until('deliveries can be kept', async () => (await fetch('http://127.0.0.1:9010/readyz')).ok);
}

/** Takes that away, and leaves Redis stopped. */
export async function unmountSmallRedis(): Promise<void> {
  await systemctl('stop', 'bough-redis.service');
  await unmountSmallDisk(redisFolder);
}

/** Fills the disk `folder` is on to its last byte, and keeps it so while `meanwhile` is done. */
export async function fillDisk(folder: string, meanwhile: () => Promise<unknown>): Promise<void> {
  const path = `${folder}/.filled-by-the-test`;
  const file = await open(path, 'w');
  try {
    const block = Buffer.alloc(1 << 20, 1);
    for (let size = block.length; size >= 4096; size /= 2) {
      const isThereRoom = async () =>
        await file.write(block, 0, size).then(
          ({ bytesWritten }) => bytesWritten === size,
          () => false,
        );
      while (await isThereRoom());
    }
    await meanwhile();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}
