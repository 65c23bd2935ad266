import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Of `script/`, which the root's package.json lists among its tools. */
export const ofScripts = ['@bough/core', '@bough/host', '@bough/receiver', '@bough/worker', 'pino'];

/**
 * What of `node_modules` runs in production: the links of each workspace package to its dependencies, and the folders of
 * pnpm's virtual store they lead to, with all those lead to. Paths relative to the checkout.
 */
export async function productionPackages(root: string): Promise<{ links: string[]; folders: string[] }> {
  const links = ofScripts.map((name) => `node_modules/${name}`);
  for (const group of ['apps', 'packages']) {
    for (const name of await readdir(join(root, group))) {
      const folder = `${group}/${name}`;
      const { dependencies = {} } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
      links.push(...Object.keys(dependencies).map((dependency) => `${folder}/node_modules/${dependency}`));
    }
  }

  const store = join(await realpath(root), 'node_modules/.pnpm');
  const folders = new Set<string>();
  const follow = async (link: string): Promise<void> => {
    const target = await realpath(link);
    if (!target.startsWith(`${store}/`)) return; // a package of the workspace
    const instance = join(store, relative(store, target).split('/')[0] ?? '');
    if (folders.has(instance)) return;
    folders.add(instance);
    for (const sibling of await linksIn(join(instance, 'node_modules'))) await follow(sibling);
  };
  for (const link of links) await follow(join(root, link));
  return { links, folders: [...folders].map((folder) => relative(dirname(dirname(store)), folder)) };
}

async function linksIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) found.push(path);
    else if (entry.name.startsWith('@')) found.push(...(await linksIn(path)));
  }
  return found;
}
