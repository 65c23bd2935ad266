import { once } from 'node:events';
import { createServer } from 'node:net';
import { DemoError } from './say.ts';

/** A free loopback port: the preferred one if it is free, else one the system gives. */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? 0;
}

/** The port itself if it is free. */
export async function requirePort(port: number): Promise<number> {
  const free = await tryPort(port);
  if (free === null) throw new DemoError(`Port ${port} is taken; name another with --port, or none.`);
  return free;
}

/** Held for as long as this process lives, so that two demos do not take each other's folders down. */
export async function assertAlone(): Promise<void> {
  const server = createServer().listen(`\0bough-demo-${process.getuid?.()}`).unref();
  await once(server, 'listening').catch(() => {
    throw new DemoError('A demo of yours runs already; one is all there can be.');
  });
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null;
    throw new DemoError(`Port ${port} cannot be used: ${String(error)}`);
  } finally {
    server.close();
  }
}
