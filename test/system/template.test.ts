// One Debian is enough: what a template says is read by Bough alone; that Nix builds flakes with inputs is in `evaluate.test.ts`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { nixEnv, writeFiles, writeInputs } from '../support/build-flake.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { templateFiles } from '../support/template-files.ts';

const exec = promisify(execFile);

let bough: Installation;
before(async () => {
  bough = await install();
});
after(async () => await bough[Symbol.asyncDispose]());

/** What a person commits: the template and, of `nix flake lock`, its lock file. Inputs are of this machine, as it has no network. */
async function committed(name: string): Promise<Record<string, string>> {
  const files = templateFiles(name);
  const folder = `/srv/bough-test/${name}`;
  writeFiles(`${folder}/app`, files);
  const inputs = writeInputs(folder, files);
  await exec('nix', ['flake', 'lock', ...inputs, `path:${folder}/app`], { env: { ...process.env, ...nixEnv } });
  return { ...files, 'flake.lock': await readFile(`${folder}/app/flake.lock`, 'utf8') };
}

for (const { name, health, page } of [
  { name: 'node', health: '/health', page: 'This is node. <a href="/node/health">' },
  { name: 'static', health: '/health.txt', page: '<title>Hello</title>' },
]) {
  test(`the template ${name} is live at its address once it is pushed, and a commit to its README is unchanged`, async () => {
    const files = await committed(name);
    await bough.push(name, files);
    await bough.untilServes(name, page);
    assert.equal((await get(`/${name}${health}`)).body.trim(), 'ok');

    const commit = await bough.push(name, { ...files, 'README.md': 'new words' });
    await bough.untilIdle();

    const { head, desired } = (await createDeploymentStore(bough.layout).read({ project: 'demo', slug: name })) ?? {};
    assert.deepEqual([head?.outcome, head?.commit, desired], ['unchanged', commit, 1]);
  });
}
