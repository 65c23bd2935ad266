// Signed deliveries of 8 KB over 32 connections: Bough's receiver, as installed and with a Redis that writes each to disk,
// against Debian's `webhook` running /bin/true with the same check of the signature, in turn. Outside of a machine, as root;
// it makes two of its own, one with the host's network to fetch the package:
//   node test/bench/ingest.ts [trixie|bookworm] [ROUNDS] [DELIVERIES]
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMachine } from '../machine/machine.ts';

const image = process.argv[2] === 'bookworm' ? 'bookworm' : 'trixie';
const rounds = process.argv[3] ?? '5';
const deliveries = process.argv[4] ?? '20000';
const folder = await mkdtemp(join(tmpdir(), 'bough-bench-'));

try {
  await fetchPackage();
  await using machine = await startMachine(`bench-ingest-${image}`, { image, binds: [`${folder}:/srv/packages:ro`] });
  const [name = ''] = await readdir(folder);
  await machine.run(['dpkg', '--install', `/srv/packages/${name}`]);
  const argv = ['/opt/node/bin/node', '/opt/bough/test/bench/inside/ingest.ts', rounds, deliveries];
  const child = machine.spawn(argv);
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  const { exitCode } = await child;
  process.exitCode = exitCode ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** That very Debian's package, which only this bench wants: it is in no image. */
async function fetchPackage(): Promise<void> {
  await using machine = await startMachine(`bench-fetch-${image}`, {
    image,
    net: 'host',
    binds: [`${folder}:/srv/packages`],
  });
  await machine.run(['apt-get', 'update', '--quiet'], { timeoutMs: 300_000 });
  await machine.run(['sh', '-c', 'cd /srv/packages && apt-get download webhook'], { timeoutMs: 300_000 });
}
