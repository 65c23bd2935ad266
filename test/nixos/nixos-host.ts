import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, cp, glob, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemctl } from '../support/installation.ts';
import { productionTarballs, tarballPath } from './tarballs.ts';

const exec = promisify(execFile);
const cache = '/opt/npm';
const units = '/etc/systemd/system';
const nixEnv = { ...process.env, NIX_REMOTE: 'daemon' };

/**
 * Brings the tarballs of the packages into the store, each by its own hash. Nix takes one for what nix/npm-packages.nix fetches
 * only where the integrity that is recorded there is that of its content.
 */
export async function addTarballs(): Promise<void> {
  const folder = await mkdtemp('/srv/bough-tarballs-');
  const paths: string[] = [];
  for (const { name, version, integrity } of productionTarballs()) {
    const path = `${folder}/${name}/${basename(name)}-${version}.tgz`;
    await mkdir(dirname(path), { recursive: true });
    await copyFile(tarballPath(cache, integrity), path).catch((cause: unknown) => {
      throw new Error(`${name} ${version} is missing: bind what test/nixos/fetch-tarballs.ts fetches to ${cache}`, {
        cause,
      });
    });
    paths.push(path);
  }
  await exec('nix-store', ['--add-fixed', 'sha512', ...paths], { env: nixEnv });
  await rm(folder, { recursive: true });
}

/** Builds `etc` of test/nixos/host.nix, or what else is in there, and gives its path. */
export async function buildHost(settings: object, { extra = '', attribute = 'etc' } = {}): Promise<string> {
  const argv = ['--no-out-link', '--attr', attribute, '--expr', await expression(settings, extra)];
  return (await exec('nix-build', argv, { env: nixEnv, maxBuffer: 1 << 24 })).stdout.trim();
}

/** The value of something in test/nixos/host.nix. */
export async function evaluateHost(settings: object, attribute: string): Promise<unknown> {
  const argv = ['--eval', '--strict', '--json', '--attr', attribute, '--expr', await expression(settings, '')];
  return JSON.parse((await exec('nix-instantiate', argv, { env: nixEnv })).stdout);
}

async function expression(settings: object, extra: string): Promise<string> {
  const input = '/srv/bough-nixos.json';
  await writeFile(input, JSON.stringify({ settings, extra, node: process.execPath }));
  return `import ${import.meta.dirname}/host.nix (builtins.fromJSON (builtins.readFile ${input}))`;
}

/**
 * Makes a host what `etc` says, as `switch-to-configuration` of NixOS does: a unit that runs and is another one now, drop-ins
 * and all, is restarted by one step, unless it says not to be; what does not run is started.
 * @returns the services that were restarted
 */
export async function switchTo(etc: string): Promise<string[]> {
  const names = (await readdir(`${etc}/systemd/system`)).filter((name) => /^bough-.*\.service$/.test(name)).toSorted();
  const before = new Map(
    await Promise.all(names.map(async (name) => [name, await textOf(`${units}/${name}`)] as const)),
  );
  await place(etc);
  await systemctl('daemon-reload');
  await exec('systemd-tmpfiles', ['--create', 'bough.conf']);

  const restarted: string[] = [];
  for (const name of names) {
    const text = await textOf(`${units}/${name}`);
    if (before.get(name) === '' || before.get(name) === text || text.includes('\nX-RestartIfChanged=false\n')) continue;
    if (!text.includes('\nX-StopIfChanged=false\n')) throw new Error(`${name} would be down for a whole activation`);
    restarted.push(name);
  }
  if (restarted.length > 0) await systemctl('restart', ...restarted);
  await systemctl('start', ...names);
  return restarted;
}

/** Takes away what `place` has put there. */
export async function clearHost(): Promise<void> {
  await systemctl('stop', 'bough-*.service');
  for await (const path of glob([`${units}/bough-*`, `${units}/*/bough*`, '/etc/tmpfiles.d/bough.conf', '/etc/bough']))
    await rm(path, { recursive: true });
  await systemctl('daemon-reload');
}

async function place(etc: string): Promise<void> {
  await cp(`${etc}/systemd/system`, units, { recursive: true, verbatimSymlinks: true, force: true });
  await cp(`${etc}/tmpfiles.d`, '/etc/tmpfiles.d', { recursive: true, force: true });
  await mkdir('/etc/bough', { recursive: true });
  for (const name of await readdir(`${etc}/bough`)) {
    const link = join('/etc/bough', name);
    await rm(link, { force: true });
    await symlink(`${etc}/bough/${name}`, link);
  }
}

/** A unit with its drop-ins, in the order systemd reads them in; empty where there is none. */
async function textOf(unit: string): Promise<string> {
  if (!existsSync(unit)) return '';
  const dropIns = (await readdir(`${unit}.d`)).toSorted().map((name) => `${unit}.d/${name}`);
  const texts = [unit, ...dropIns].map((path) => readFile(path, 'utf8'));
  return (await Promise.all(texts)).join('\n');
}
