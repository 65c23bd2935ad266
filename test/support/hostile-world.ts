import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { slugOf } from '@bough/host/slug.ts';
import { headsOf } from './hostile-remote.ts';
import { type Installation, systemctl } from './installation.ts';

const exec = promisify(execFile);
const idOf = (branch: string) => ({ project: 'demo', slug: slugOf(branch) });
const namesIn = async (folder: string) => (existsSync(folder) ? await readdir(folder) : []);

/** All there is on the machine of the branches of project `demo`, by kind; each entry begins with the slug it belongs to. */
export async function tracesOfAll({ layout }: Installation): Promise<Record<string, string[]>> {
  const ofUnits = (names: readonly string[]) =>
    names.flatMap((name) => /^bough-demo--(.+)--r\d+-/.exec(name)?.[1] ?? []).toSorted();
  const ofKeys = (names: readonly string[]) => names.flatMap((name) => /^demo--(.+)$/.exec(name)?.[1] ?? []).toSorted();
  const loaded = await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--*');
  const { stdout: roots } = await exec('nix-store', ['--gc', '--print-roots'], { maxBuffer: 1 << 26 });
  return {
    folders: (await namesIn(`${layout.deployments}/demo`)).toSorted(),
    sockets: (await namesIn(`${layout.runtimeDir}/demo`)).toSorted(),
    'boot records': ofKeys(await namesIn(layout.bootRecords)),
    'folders of apps': ofKeys(await namesIn('/var/lib/private/bough-apps')),
    'unit files': ofUnits(await namesIn(layout.units)),
    'unit links': ofUnits(await namesIn(layout.unitDir)),
    'units loaded': ofUnits(loaded.split('\n').map((line) => line.split(' ')[0] ?? '')),
    roots: [...roots.matchAll(/\/deployments\/demo\/([^/]+)\/releases\/\d+ -> /g)]
      .map(([, slug]) => slug ?? '')
      .toSorted(),
    mirror: [...headsOf(layout.mirror('demo')).keys()].map(slugOf).toSorted(),
  };
}

/** What tells whether a live deployment is the very one it was: where its symlink leads, its socket, its root. */
export async function identityOf({ layout }: Installation, branch: string): Promise<string> {
  const id = idOf(branch);
  const { ino } = await lstat(layout.releaseSocket(id, 1, 'web'));
  return [await readlink(layout.currentSocket(id)), ino, await readlink(layout.releaseRoot(id, 1))].join(' ');
}

/** What Bough's services and systemd wrote about them into the journal since a time, message by message. */
export async function journalOf(since: Date): Promise<{ unit: string; message: unknown }[]> {
  const words = ['--output=json', '--all', `--since=@${since.getTime() / 1000}`];
  const { stdout } = await exec('journalctl', words, { maxBuffer: 1 << 30 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map((entry) => ({ unit: String(entry['UNIT'] ?? entry['_SYSTEMD_UNIT']), message: entry['MESSAGE'] }))
    .filter(({ unit }) => unit.startsWith('bough-'));
}
