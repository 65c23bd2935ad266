import type { Config } from '@bough/core/config/config.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { renderCaddyfile } from '@bough/core/stack/caddyfile.ts';
import { ownRedisSocket, renderRedisConf } from '@bough/core/stack/redis-conf.ts';
import { redisData, renderSysusers, renderTmpfiles, stackFiles, type StackHost } from '@bough/core/stack/stack-host.ts';
import { renderStackUnits } from '@bough/core/stack/stack-units.ts';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { textOf } from '../if-there.ts';
import type { RunCommand } from '../run-command.ts';
import { slugOf } from '../slug.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';

export interface WriteStackOptions {
  /** The configuration as JSON; it is written as it is. */
  readonly config: string;
  readonly host: StackHost;
  /** Where systemd finds Bough's own units, such as `/etc/systemd/system`. */
  readonly unitDir: string;
  readonly run: RunCommand;
}

/** What Bough's own services read, by its path, and the names of their units in the order they start in. */
export interface RenderedStack {
  readonly config: Config;
  readonly files: ReadonlyMap<string, string>;
  readonly units: readonly string[];
}

/** @throws AppError CONFIG_INVALID, also for what only a Caddyfile or a redis.conf cannot say */
export function renderStack({ config: text, host, unitDir }: Omit<WriteStackOptions, 'run'>): RenderedStack {
  const paths = stackFiles(host);
  const config = parseConfig(text, paths.config);
  const socket = ownRedisSocket(config);
  const units = renderStackUnits(config, host);
  const files = new Map([
    [paths.config, text],
    [paths.caddyfile, renderCaddyfile(config, layoutOf(config), slugOf)],
    ...(socket === null ? [] : [[paths.redisConf, renderRedisConf(socket, redisData(host))] as const]),
    ...[...units].map(([name, unit]) => [`${unitDir}/${name}`, unit] as const),
  ]);
  return { config, files, units: [...units.keys()].filter((name) => !name.includes('/')) }; // a drop-in is no unit
}

/**
 * Writes everything Bough's own services need: configuration, Caddyfile, redis.conf and units, and in the system scope
 * their users and folders. Starts nothing. Writing the same again changes nothing.
 * @throws AppError CONFIG_INVALID before anything is written; COMMAND_FAILED when a user cannot be made
 */
export async function writeStack({ run, ...options }: WriteStackOptions): Promise<RenderedStack> {
  const { host } = options;
  const rendered = renderStack(options);
  const { config, files } = rendered;
  const socket = ownRedisSocket(config);
  await mkdir(host.folder, { recursive: true });
  for (const [path, content] of files) await writeWhereDifferent(path, content);
  if (host.scope === 'system') await makeUsersAndFolders(config, run);
  else await makeFolders([redisData(host), `${host.dataDir}/caddy`, ...(socket === null ? [] : [dirname(socket)])]);
  return rendered;
}

async function makeUsersAndFolders(config: Config, run: RunCommand): Promise<void> {
  await writeWhereDifferent('/etc/sysusers.d/bough.conf', renderSysusers(config, await nixGroup(run)));
  await run(['systemd-sysusers', 'bough.conf']);
  await writeWhereDifferent('/etc/tmpfiles.d/bough.conf', renderTmpfiles(config));
  await run(['systemd-tmpfiles', '--create', 'bough.conf']);
}

/** The group without which nobody but root reaches the Nix daemon: Debian has one. */
async function nixGroup(run: RunCommand): Promise<string | null> {
  const { stdout } = await run(['stat', '--format=%G', '--', '/nix/var/nix/daemon-socket'], { allowExitCodes: [1] });
  const group = stdout.trim();
  return group === '' || group === 'root' ? null : group;
}

/** The time of a file then says when it last changed, from which `activateStack` knows what to restart. */
async function writeWhereDifferent(path: string, text: string): Promise<void> {
  if ((await textOf(path)) !== text) await writeFileAtomically(path, text);
}

async function makeFolders(folders: string[]): Promise<void> {
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
}
