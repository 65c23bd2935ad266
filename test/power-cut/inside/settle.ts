// Inside a machine, after the power was cut and is back: waits until every branch of the repository answers with the
// message of its head and nothing else is left, and prints how long that took and what Bough could not read.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { layoutOf } from '@bough/core/layout.ts';
import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { findLeftovers } from '../../chaos/leftovers.ts';
import { get } from '../../support/installation.ts';
import { openRepository } from '../../support/repository.ts';
import { until } from '../../support/until.ts';

const exec = promisify(execFile);
const layout = layoutOf({ stateDir: '/var/lib/bough', runtimeDir: '/run/bough', unitDir: '/run/systemd/system' });
const repository = openRepository('/srv/bough-test');
const store = createDeploymentStore(layout);
const format = '--format=%(refname:lstrip=2)%09%(subject)';
const { stdout } = await exec('git', ['--git-dir', repository.remote, 'for-each-ref', format, 'refs/heads/']);
const heads = new Map(
  stdout
    .trim()
    .split('\n')
    .map((line): [string, string] => [line.split('\t')[0] ?? '', line.split('\t')[1] ?? '']),
);

async function problems(): Promise<string[]> {
  const wrong: string[] = [];
  for (const [branch, text] of heads) {
    const { status, body } = await get(`/${slugOf(branch)}/`);
    if (status !== 200 || !body.startsWith(`${text} from release`))
      wrong.push(`${branch} should answer ${text}: ${status} ${body.slice(0, 200)}`);
  }
  return [...wrong, ...(await findLeftovers({ layout, repository }, store, [...heads.keys()]))];
}

const from = performance.now();
let left = ['nothing was looked at'];
await until(
  'all is as the repository has it',
  async () => {
    left = await problems().catch((error: unknown) => [String(error)]); // a mirror that is being made anew
    return left.length === 0;
  },
  120_000,
).catch(() => undefined);
const journal = await exec('journalctl', ['--boot', '--output=cat', '--unit=bough-worker.service'], {
  maxBuffer: 1 << 26,
});
const unreadable = journal.stdout.split('\n').filter((line) => line.includes('STATE_INVALID'));
process.stdout.write(
  `${JSON.stringify({ ms: Math.round(performance.now() - from), left, unreadable, branches: heads.size })}\n`,
);
process.exit(0);
