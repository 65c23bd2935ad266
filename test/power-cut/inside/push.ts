// Inside a machine: installs Bough where there is none, then creates, changes and deletes branches until the power is cut.
// The repository lies on another disk. What a branch answers is the message of its head.
import { existsSync } from 'node:fs';
import { appFiles } from '../../support/app-files.ts';
import { attach, install } from '../../support/installation.ts';
import { openRepository } from '../../support/repository.ts';

const isInstalled = existsSync('/etc/bough/bough.json');
const bough = isInstalled
  ? attach(openRepository('/srv/bough-test'))
  : await install({ sweepIntervalSec: 5 }, { production: 'main' });
if (!isInstalled) {
  await push('main', 'steady');
  await bough.untilServes('main', 'steady');
}
process.stdout.write('pushing\n');
for (let count = 0; ; count++) {
  const nonce = process.hrtime.bigint();
  await push('changing', `changing ${nonce}`);
  if (count % 3 === 2) await bough.repository.remove('short-lived').catch(() => undefined);
  else await push('short-lived', `short-lived ${nonce}`);
  await bough.tell('short-lived', null);
  await bough.untilServes('changing', `changing ${nonce}`);
}

async function push(branch: string, text: string): Promise<void> {
  await bough.tell(branch, await bough.repository.commit(branch, appFiles({ text }), text));
}
