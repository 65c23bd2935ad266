import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '@bough/core/config/config.ts';
import { type Layout, layoutOf } from '@bough/core/layout.ts';
import { renderCaddyfile } from '@bough/core/stack/caddyfile.ts';
import { slugOf } from '@bough/host/slug.ts';

/** A Caddy of the test's own with the Caddyfile Bough renders, on a free loopback port. */
export interface TestCaddy extends AsyncDisposable {
  readonly port: number;
  /** Whether it speaks TLS, with certificates of its own. */
  readonly tls: boolean;
  readonly layout: Layout;
}

/** Starts Caddy for projects, given as their hosts by name, with more settings of them or with TLS, ended by Caddy. */
export async function startCaddy(
  hosts: Record<string, string>,
  { settings = {}, tls = false }: { settings?: Record<string, unknown>; tls?: boolean } = {},
): Promise<TestCaddy> {
  const folder = await mkdtemp(join(tmpdir(), 'bough-caddy-'));
  const port = await freePort();
  const project = (host: string) => ({
    remote: '/srv/none.git',
    webhookSecretFiles: ['/none'],
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    ...settings,
  });
  const config = Config.parse({
    runtimeDir: folder,
    board: { passwordFile: '/none' },
    caddy: { listen: `127.0.0.1:${port}`, ...(tls ? { tls: 'internal' } : {}) },
    projects: Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, project(host)])),
  });
  const layout = layoutOf(config);
  const caddyfile = join(folder, 'Caddyfile');
  await writeFile(caddyfile, renderCaddyfile(config, layout, slugOf));

  const caddy = spawn('caddy', ['run', '--config', caddyfile, '--adapter', 'caddyfile'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  await untilItAnswers(caddy, port, tls ? (Object.values(hosts)[0] ?? null) : null);
  return {
    port,
    tls,
    layout,
    async [Symbol.asyncDispose]() {
      if (caddy.exitCode === null && caddy.kill()) await once(caddy, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A loopback port nothing listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/** `tlsHost`: a host whose certificate has to be there; `null` without TLS. */
async function untilItAnswers(
  caddy: ChildProcess,
  port: number,
  tlsHost: string | null,
  deadlineMs = 10_000,
): Promise<void> {
  const failed = once(caddy, 'error').then(([error]) => {
    throw new Error('caddy could not be started: apt-get install caddy', { cause: error });
  });
  failed.catch(() => {});
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    const answer = asked(port, tlsHost).then(
      () => true,
      () => false,
    );
    if (await Promise.race([answer, failed])) return;
    if (caddy.exitCode !== null) throw new Error(`caddy ended with ${caddy.exitCode}; its words are above`);
    await sleep(20);
  }
  throw new Error(`caddy did not answer on port ${port} within ${deadlineMs} ms`);
}

async function asked(port: number, tlsHost: string | null): Promise<void> {
  if (tlsHost === null) await fetch(`http://127.0.0.1:${port}/`);
  else
    await once(request({ port, host: '127.0.0.1', servername: tlsHost, rejectUnauthorized: false }).end(), 'response');
}
