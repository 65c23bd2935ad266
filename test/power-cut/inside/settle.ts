// Inside a machine, after the power was cut and is back: looks what of people's decisions is forgotten, waits until every
// branch of the repository answers with the message of its head, or not at all where it is suspended, every delivery that was
// acknowledged has its end and nothing else is left, and prints how long that took, what of Bough's own mistakes is in the
// journal, and for how long builds overlapped.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { layoutOf } from '@bough/core/layout.ts';
import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { readJournal } from '../../chaos/journal.ts';
import { judgeDeliveries } from '../../chaos/judge-deliveries.ts';
import { findLeftovers } from '../../chaos/leftovers.ts';
import { findUnheld } from '../../chaos/unheld.ts';
import { buildRuns, overlap } from '../../support/app-files.ts';
import { get } from '../../support/installation.ts';
import { deliveriesOf } from '../../support/ledger.ts';
import { openRepository } from '../../support/repository.ts';
import { until } from '../../support/until.ts';
import { readAcknowledged } from './acknowledged.ts';
import { decided, findForgotten, readAnswers } from './decisions.ts';

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
    const isSuspended = branch === decided && (await readAnswers()).at(-1)?.suspended;
    if (isSuspended ? status !== 503 : status !== 200 || !body.startsWith(`${text} from release`))
      wrong.push(
        `${branch} should answer ${isSuspended ? 503 : text}: ${status} ${body.slice(0, 200)}; ${await onRecord(branch)}`,
      );
  }
  return [
    ...wrong,
    ...(await findForgotten(layout)),
    ...(await findLeftovers({ layout, repository }, store, [...heads.keys()])),
    ...(await findUnheld({ layout, repository }, store, [...heads.keys()])),
    ...judgeDeliveries(await readAcknowledged(), deliveriesOf({ layout }), []),
  ];
}

async function onRecord(branch: string): Promise<string> {
  const id = { project: 'demo', slug: slugOf(branch) };
  const releases = (await store.readReleases(id)).map(({ seq, commit, verdict }) => ({ seq, commit, verdict }));
  return `on record is ${JSON.stringify({ ...(await store.read(id)), releases })}`;
}

const forgotten = await findForgotten(layout); // nothing heals that
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
const report = {
  ms: Math.round(performance.now() - from),
  forgotten,
  left,
  mistakes: await readJournal(),
  overlapNs: String(overlap(await buildRuns())),
  branches: heads.size,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
