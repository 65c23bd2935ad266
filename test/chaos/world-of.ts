import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import type { Layout } from '@bough/core/layout.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import { slugOf } from '@bough/host/slug.ts';
import { systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';
import type { Repository } from '../support/repository.ts';
import { decisionsOf, eachOnce } from './decisions.ts';

/**
 * Everything there is of a branch on this host: records, GC roots, units on disk and in systemd, links, sockets, folders and
 * processes of its app, refs of the mirror and what git left half-made there, memos of failed builds; text by path. What
 * differs from time to time by its nature (its name, times) is blotted out; commits, store paths and ports are numbered as they
 * come, and release numbers counted from 1: a build that was cut short may have used one up. Of what was decided, only what is
 * not `known`.
 */
export async function worldOf(
  { layout, repository }: { readonly layout: Layout; readonly repository: Repository },
  branch: string,
  known: ReadonlySet<string>,
): Promise<Record<string, string>> {
  const id = { project: 'demo', slug: slugOf(branch) };
  const isOurs = (unit: string): boolean => parseUnitName(unit)?.slug === id.slug;
  const found = new Map<string, string>([
    ...(await filesBelow(layout.deployment(id), 'state')),
    ...(await filesBelow(layout.sockets(id), 'run')),
    ...(await filesBelow(layout.units, 'units')).filter(([path]) => isOurs(path.slice('units/'.length))),
    ...(await filesBelow(layout.unitDir, 'links')).filter(([path]) => isOurs(path.slice('links/'.length))),
    ...(await filesBelow(layout.bootRecords, 'boot')).filter(([path]) => path === `boot/demo--${id.slug}`),
    ...(await foldersOfApp(`demo--${id.slug}`)),
    ...(await processesOf(isOurs)),
    ...(await halfMade(layout.mirror('demo'))),
  ]);
  if (found.has('state/operations.jsonl')) {
    const decisions = await decisionsOf(layout, branch);
    found.set('state/operations.jsonl', eachOnce(decisions.filter((line) => !known.has(line))));
  }
  const listed = await systemctl('list-units', '--all', '--plain', '--no-legend', `bough-demo--${id.slug}--*`);
  for (const line of listed.split('\n')) {
    const [unit = '', ...states] = line.trim().split(/ +/);
    if (unit !== '') found.set(`systemd/${unit}`, states.slice(0, 3).join(' '));
  }
  const git = ['--git-dir', layout.mirror('demo')];
  const heads = await repository.git(...git, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
  if (heads !== '') found.set('mirror/head', heads);
  const pins = new Set(await repository.pinsOf(layout.mirror('demo')));
  const recorded = new Set(commitsIn(found));
  found.set('mirror/pins', [...recorded].filter((commit) => pins.has(commit)).join(' '));
  const memos = await filesBelow(layout.failures, 'failures');
  const ours = memos.filter(([, memo]) => recorded.has(/"commit": "(\w+)"/.exec(memo)?.[1] ?? ''));
  for (const [index, [, memo]] of ours.entries()) found.set(`memo/${index}`, memo);
  return blot(found, id.slug, branch);
}

/** Who died between a failure and the end of its job meets its memo, and says on record that it is not built again. */
const notAgain = /; \S+ is not built again: it failed at TIME, for commit COMMIT\. Press retry to build it anew/g;

function blot(found: ReadonlyMap<string, string>, slug: string, branch: string): Record<string, string> {
  const numbers = [...found.keys()].flatMap((path) => /^state\/releases\/(\d+)$/.exec(path)?.[1] ?? []).map(Number);
  const inOrder = numbers.toSorted((a, b) => a - b);
  const seqOf = (seq: string): string => `#${inOrder.indexOf(Number(seq)) + 1}`;
  const commits = commitsIn(found);
  const [paths, ports] = [numbering(), numbering()];
  const tidy = (text: string): string =>
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
      .replaceAll(/User=bough-[0-9a-f]{8}/g, 'User=USER')
      .replaceAll(/\b[0-9a-f]{40}\b/g, (commit) => `COMMIT${commits.indexOf(commit)}`)
      .replaceAll(/\b[0-9a-f]{12}\b/g, 'COMMIT')
      .replaceAll(/(?<=\/nix\/store\/)[0-9a-z]{32}-/g, (hash) => `${paths(hash)}-`)
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/"buildMs": [\d.]+/g, '"buildMs": MS')
      .replaceAll(/\d+ s after the switch/g, 'SEC s after the switch')
      .replaceAll(notAgain, '')
      .replaceAll(/\b2\d{4}\b/g, (port) => `PORT${ports(port)}`)
      .replaceAll(/(--r|\/r|\br)(\d+)(?=-web)/g, (_, before: string, seq: string) => before + seqOf(seq))
      .replaceAll(
        /("(?:seq|desired|release|lastSeq|of|BOUGH_RELEASE)": |BOUGH_RELEASE=|release )(\d+)/g,
        (_, before: string, seq: string) => before + seqOf(seq),
      )
      .replaceAll(new RegExp(`\\b(${slug}|${branch})\\b`, 'g'), 'BRANCH');
  const pathOf = (path: string): string =>
    tidy(path).replace(/^(state\/releases\/)(\d+)/, (_, before: string, seq: string) => before + seqOf(seq));
  const entries = inOrderOfReleases(found).map(([path, text]): [string, string] => [pathOf(path), tidy(text)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Each once, by the numbers of the releases that tell of them, in whatever order their files are listed. */
function commitsIn(found: ReadonlyMap<string, string>): string[] {
  const texts = inOrderOfReleases(found).map(([, text]) => text);
  return [...new Set(texts.flatMap((text) => text.match(/\b[0-9a-f]{40}\b/g) ?? []))];
}

function inOrderOfReleases(found: ReadonlyMap<string, string>): [string, string][] {
  return [...found].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Numbers each text by when it was first asked for. */
function numbering(): (text: string) => number {
  const met: string[] = [];
  return (text) => (met.includes(text) ? met.indexOf(text) : met.push(text) - 1);
}

/** Not logs of builds, of which what was begun twice has two; nor what a GC root leads to. */
async function filesBelow(folder: string, name: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const files: [string, string][] = [];
  for (const entry of entries) {
    const path = `${folder}/${entry}`;
    const stat = await lstat(path).catch(() => null);
    if (stat === null || stat.isDirectory() || entry.startsWith('logs/') || /^releases\/\d+\//.test(entry)) continue;
    const text = stat.isSymbolicLink()
      ? `-> ${await readlink(path)}`
      : stat.isFile()
        ? await readFile(path, 'utf8')
        : 'socket';
    files.push([`${name}/${entry}`, entry.endsWith('.json') ? sorted(text) : text]);
  }
  return files;
}

/** What systemd keeps for an app: whose it is by its mode, and what is in it. */
async function foldersOfApp(name: string): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const place of ['/var/lib', '/var/lib/private', '/var/cache', '/var/cache/private']) {
    const folder = `${place}/bough-apps/${name}`;
    const stat = await lstat(folder).catch(() => null);
    if (stat !== null) found.push([`app${place}`, stat.mode.toString(8)], ...(await filesBelow(folder, `app${place}`)));
  }
  return found;
}

/** The command lines in each unit. */
async function processesOf(isOurs: (unit: string) => boolean): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const pid of processesWith('')) {
    const read = async (file: string) => await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''); // it may have ended
    const unit = (await read('cgroup')).trim().split('/').at(-1) ?? '';
    const path = `processes/${unit}`;
    if (isOurs(unit)) found.set(path, `${found.get(path) ?? ''}${(await read('cmdline')).replaceAll('\0', ' ')}\n`);
  }
  return found;
}

/** Temporary files and locks of git. */
async function halfMade(mirror: string): Promise<[string, string][]> {
  const names = await readdir(mirror, { recursive: true }).catch(() => []);
  const left = names.filter((name) => /(^|\/)(tmp_|incoming-)|\.(lock|new)$/.test(name));
  return left.map((name) => [`mirror/${name.replace(/\w{6}$/, '*')}`, 'half-made']);
}

/** The order of keys says only which of two writers came last. */
function sorted(json: string): string {
  const byKey = (_: string, value: unknown): unknown =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(JSON.parse(json), byKey, 2);
}
