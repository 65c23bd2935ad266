// Inside a machine: installs Bough where there is none, then creates, changes and deletes branches, several at a time,
// until the power is cut. The repository lies on another disk, and so do the notes of what was acknowledged. What a branch
// answers is the message of its head.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { appFiles } from '../../support/app-files.ts';
import { attach, install } from '../../support/installation.ts';
import { openRepository } from '../../support/repository.ts';
import { acknowledgedFile, noteOf } from './acknowledged.ts';
import { decided, noteMain } from './decisions.ts';

const isInstalled = existsSync('/etc/bough/bough.json');
const bough = isInstalled
  ? attach(openRepository('/srv/bough-test'))
  : await install({ sweepIntervalSec: 5 }, { production: 'main' });
if (!isInstalled) {
  for (const branch of ['main', decided]) {
    await tell(branch, await commit(branch, 'steady'));
    await bough.untilServes(branch, 'steady');
  }
  await bough.untilIdle();
  await noteMain(bough.layout);
}
process.stdout.write('pushing\n');
for (let count = 0; ; count++) {
  const nonce = process.hrtime.bigint();
  const heads: [string, string | null][] = [
    ['changing', await commit('changing', `changing ${nonce}`)],
    ['other', await commit('other', `other ${nonce}`)],
    ['short-lived', count % 3 === 2 ? await end('short-lived') : await commit('short-lived', `short-lived ${nonce}`)],
  ];
  await Promise.all(heads.map(async ([branch, head]) => await tell(branch, head)));
  await bough.untilServes('changing', `changing ${nonce}`); // while the others are built, and the next are told of
}

async function commit(branch: string, text: string): Promise<string> {
  return await bough.repository.commit(branch, appFiles({ text }), text);
}

async function end(branch: string): Promise<null> {
  await bough.repository.remove(branch).catch(() => undefined); // the power was cut before it was there
  return null;
}

async function tell(branch: string, head: string | null): Promise<void> {
  const delivery = randomUUID();
  const { status } = await bough.tell(branch, head, delivery);
  if (status === 202) await appendFile(acknowledgedFile, noteOf({ delivery, branch, at: Date.now() }));
}
