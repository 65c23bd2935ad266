// One Debian is enough: the records are files of Bough's; that they bring branches back is tried by reboots of both.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseBootRecord } from '@bough/core/state/boot-record.ts';
import { appFiles } from '../support/app-files.ts';
import { type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

const id = { project: 'demo', slug: 'main' };

let bough: Installation;
before(async () => {
  bough = await install();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

test('the record of a live branch names the release that serves, from the switch on', async () => {
  for (const number of [1, 2]) {
    await bough.push('main', appFiles({ text: `main ${number}` }));
    await bough.untilServes('main', `main ${number} from release ${number}`);
  }

  const record = parseBootRecord(id, await readFile(bough.layout.bootRecord(id), 'utf8'));

  assert.equal(record?.seq, 2);
  assert.deepEqual([...record.starts], ['bough-demo--main--r2-web.service', 'bough-demo--main--r2-web.socket']);
});

test('a record that was lost is written anew by the next sweep', async () => {
  await bough.untilIdle();
  const text = await readFile(bough.layout.bootRecord(id), 'utf8');
  await rm(bough.layout.bootRecord(id));

  await bough.sweep();

  assert.equal(await readFile(bough.layout.bootRecord(id), 'utf8'), text);
});

test('bough gc asks the worker, and with --dry-run only looks', async () => {
  const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
  const env = { ...process.env, BOUGH_CONFIG: '/etc/bough/bough.json' };
  const run = async (...words: string[]) =>
    (await promisify(execFile)(process.execPath, [cli, 'gc', ...words], { env })).stdout;

  assert.match(
    await run('--dry-run', '--all'),
    /^collect all garbage of the store[^]* are free; \d+ store paths are garbage/,
  );
  assert.match(await run('--all'), /^asked for a collection: job person-/);

  await until('it is done', async () => (await bough.builds.getCompleted()).some(({ name }) => name === 'gc'));
  await bough.untilServes('main', 'main 2 from release 2');
});

test('a deleted branch has no record', async () => {
  const other = { ...id, slug: 'other' };
  await bough.push('other', appFiles({ text: 'other' }));
  await bough.untilServes('other', 'other from release 1');
  assert.ok(existsSync(bough.layout.bootRecord(other)));

  await bough.remove('other');

  await until('its record is gone', () => !existsSync(bough.layout.bootRecord(other)), 20_000);
});
