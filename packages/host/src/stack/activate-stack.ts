import { existsSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import { AppError, describeError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { secretFilesOf } from '@bough/core/config/secret-files.ts';
import { ownRedisSocket } from '@bough/core/stack/redis-conf.ts';
import { redisData, stackFiles } from '@bough/core/stack/stack-host.ts';
import { buildersDropIn, nixConfigDropIn } from '@bough/core/stack/units/slices.ts';
import { readSecret } from '../secret-file.ts';
import { awaitReady } from './await-ready.ts';
import { renderStack, writeStack, type WriteStackOptions } from './write-stack.ts';

export interface ActivateStackOptions extends WriteStackOptions {
  /** Called with each thing done, in words for a person. */
  readonly say: (line: string) => void;
  /** How long the services may take until they are ready. */
  readonly readyMs?: number;
}

/**
 * Makes Bough's own services run as the configuration and this version of Bough say: writes their files, starts what does not
 * run, and restarts what was started before one of the files it reads changed. So it can be repeated at any time, and what
 * it was kept from doing it does the next time. Caddy and Redis are left alone unless their own files changed. System scope.
 * @throws AppError CONFIG_INVALID or SECRET_UNREADABLE before anything is changed; STACK_NOT_READY
 */
export async function activateStack(options: ActivateStackOptions): Promise<void> {
  const { unitDir, run, say, readyMs = 30_000 } = options;
  for (const { path } of secretFilesOf(renderStack(options).config)) await readSecret(path);
  const { config, units } = await writeStack(options);
  const systemctl = async (...words: string[]) =>
    (await run(['systemctl', '--no-ask-password', ...words], { timeoutMs: 120_000 })).stdout.trim();

  await systemctl('daemon-reload');
  const services = units.filter((unit) => unit.endsWith('.service'));
  await systemctl('enable', '--quiet', '--', ...services);
  for (const unit of services) {
    const changed = await newestChange([`${unitDir}/${unit}`, ...inputsOf(unit, config, options)]);
    const startedAt = await startOf(unit, systemctl);
    if (startedAt !== null && (startedAt >= changed || unit === 'bough-restore.service')) continue;
    say(startedAt === null ? `starting ${unit}` : `restarting ${unit}`);
    await systemctl('reset-failed', '--', unit).catch(() => undefined); // it is not loaded yet
    await systemctl('restart', '--', unit).catch((cause: unknown) => {
      throw new AppError('STACK_NOT_READY', `${unit} does not start; see journalctl --unit=${unit}`, { cause });
    });
  }
  await restartBuilders(unitDir, systemctl, say);
  await awaitReady(config, systemctl, readyMs);
  await endOwnRedis(config, options, systemctl);
}

/** Once the services speak to a Redis of somebody else, which is ready. What ours kept stays on disk. */
async function endOwnRedis(
  config: Config,
  { host, unitDir, say }: ActivateStackOptions,
  systemctl: (...words: string[]) => Promise<string>,
): Promise<void> {
  const unit = 'bough-redis.service';
  if (ownRedisSocket(config) !== null || !existsSync(`${unitDir}/${unit}`)) return;
  say(`stopping ${unit}: redis.url names another; what it kept stays in ${redisData(host)}`);
  try {
    await systemctl('disable', '--now', '--quiet', '--', unit);
    for (const file of [`${unitDir}/${unit}`, stackFiles(host).redisConf]) await rm(file, { force: true });
    await systemctl('daemon-reload');
  } catch (error) {
    say(`${unit} could not be ended, and is tried again next time: ${describeError(error)}`); // all else is ready
  }
}

/** A daemon that runs is moved to its slice by a restart alone. Debian's goes on with what it builds meanwhile (`KillMode=process`). */
async function restartBuilders(
  unitDir: string,
  systemctl: (...words: string[]) => Promise<string>,
  say: (line: string) => void,
): Promise<void> {
  const dropIns = [buildersDropIn, nixConfigDropIn].map((name) => `${unitDir}/${name}`).filter(existsSync);
  const startedAt = await startOf('nix-daemon.service', systemctl);
  if (startedAt === null || startedAt >= (await newestChange(dropIns))) return;
  say('restarting nix-daemon.service');
  await systemctl('restart', '--', 'nix-daemon.service');
}

/** What a service reads once, when it starts, besides its unit. */
function inputsOf(unit: string, config: Config, { host }: WriteStackOptions): string[] {
  const files = stackFiles(host);
  const secrets = secretFilesOf(config).map(({ path }) => path);
  switch (unit) {
    case 'bough-redis.service':
      return [files.redisConf];
    case 'bough-caddy.service':
      return [files.caddyfile];
    case 'bough-receiver.service':
    case 'bough-worker.service':
      return [files.config, host.root, ...secrets];
    default:
      return [];
  }
}

/** When the newest of them changed, in ms. A link counts by itself: it is what leads to another version. */
async function newestChange(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(paths.map(async (path) => (await lstat(path)).mtimeMs));
  return Math.max(...times);
}

/** When a service that is up was started, in ms; `null` where it is not up. */
async function startOf(unit: string, systemctl: (...words: string[]) => Promise<string>): Promise<number | null> {
  const shown = await systemctl(
    'show',
    '--timestamp=us+utc',
    '--property=ActiveState,ExecMainStartTimestamp',
    '--',
    unit,
  );
  const values = new Map(
    shown.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  if (values.get('ActiveState') !== 'active') return null;
  const [, day = '', time = ''] = (values.get('ExecMainStartTimestamp') ?? '').split(' ');
  return Date.parse(`${day}T${time}Z`);
}
