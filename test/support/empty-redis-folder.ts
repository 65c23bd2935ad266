import { readdir, rm } from 'node:fs/promises';
import { systemctl } from './installation.ts';

const folder = '/var/lib/bough-redis';

/** Lets Bough's own Redis find nothing of what it kept when it starts. */
export async function emptyRedisFolder(): Promise<void> {
  await systemctl('stop', 'bough-redis.service');
  for (const name of await readdir(folder)) await rm(`${folder}/${name}`, { recursive: true });
  await systemctl('start', 'bough-redis.service');
}
