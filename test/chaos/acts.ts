import { existsSync } from 'node:fs';
import { rm, symlink, utimes, writeFile } from 'node:fs/promises';
import type { HeadRecord } from '@bough/core/state/deployment.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles, type AppOptions, buildRuns } from '../support/app-files.ts';
import { bough as commandLine } from '../support/command-line.ts';
import { get, type Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { setClocks } from '../support/worker-drop-in.ts';

export const passing = 'passing';
/** Has been there long enough that one more of anything changes no more than its numbers. */
export const lasting = 'lasting';
/** What the app is given, and `bough rotate` is about. */
export const credential = { name: 'token', file: '/srv/bough-test/token' };
/** Until this is there, builds of what is pushed to fail do. */
const gate = '/srv/bough-test/gate';
const id = { project: 'demo', slug: lasting };
const deadlineMs = 120_000;
const dayMs = 86_400_000;
let count = 0;
let pushed = '';

/** Puts the lasting branch where each of its circles can begin: with as many releases as are kept, and each trace of a resume. */
export async function makeLasting(bough: Installation): Promise<void> {
  await pushTwice(bough);
  await ask(['suspend', 'demo', lasting]);
  await ask(['resume', 'demo', lasting]);
}

export async function pushUntilLive(bough: Installation, branch: string): Promise<void> {
  const text = await pushNext(bough, branch);
  await bough.untilServes(branch, text, deadlineMs);
}

async function pushTwice(bough: Installation): Promise<void> {
  await pushUntilLive(bough, lasting);
  await pushUntilLive(bough, lasting);
}

/** Gives what the app answers. */
async function pushNext(bough: Installation, branch: string, options: Partial<AppOptions> = {}): Promise<string> {
  count += 1;
  const text = `text ${count} of ${branch}`;
  pushed = await bough.push(branch, appFiles({ text, ...options }));
  return text;
}

export async function removeUntilGone(bough: Installation, branch: string): Promise<void> {
  await bough.remove(branch);
  const folder = bough.layout.deployment({ project: 'demo', slug: branch });
  await until(`${branch} is gone`, () => !existsSync(folder), deadlineMs);
}

const exitUnreachable = 69;

/** Asks as a person does: again when the worker broke off before its answer, unless it was done by then. */
export async function ask(words: readonly string[], isDone?: () => Promise<boolean>): Promise<void> {
  await until(
    `bough ${words.join(' ')} is done`,
    async () => {
      const { code, stdout, stderr } = await commandLine(words);
      if (code === 0) return true;
      if (code !== exitUnreachable) throw new Error(`bough ${words.join(' ')} ended with ${code}: ${stderr}${stdout}`);
      return (await isDone?.()) ?? false;
    },
    deadlineMs,
  );
}

/** Whether this is on record of the commit pushed last. */
async function hasComeTo(bough: Installation, outcome: HeadRecord['outcome']): Promise<boolean> {
  const head = (await createDeploymentStore(bough.layout).read(id))?.head;
  return head?.commit === pushed && head.outcome === outcome;
}

/** Nothing was pushed for longer than the project lets a preview live. */
export async function expire(bough: Installation): Promise<void> {
  await setClocks(3 * dayMs);
  await bough.sweep();
  await until('it is down', async () => (await get(`/${lasting}/`)).status === 503, deadlineMs);
  await bough.untilIdle();
  await setClocks(0);
}

export async function pushUntilBuilding(bough: Installation): Promise<void> {
  const text = await pushNext(bough, lasting, { buildSec: 60 });
  await until('it is being built', async () => (await buildRuns()).some((run) => run.text === text), deadlineMs);
}

export async function cancel(bough: Installation): Promise<void> {
  await ask(['cancel', 'demo', lasting], async () => await hasComeTo(bough, 'cancelled'));
}

/** With one before it that goes on serving: what is kept beside the retried one is of a push each time. */
export async function pushUntilFailed(bough: Installation): Promise<void> {
  await pushUntilLive(bough, lasting);
  await rm(gate, { force: true });
  await pushNext(bough, lasting, { build: `test -e ${gate}` });
  await until('it has failed', async () => await hasComeTo(bough, 'failed'), deadlineMs);
  await bough.untilIdle();
}

/** Pressed once: whatever becomes of the worker, it stays a retry. */
export async function retry(bough: Installation): Promise<void> {
  const [failed, ...others] = await bough.builds.getFailed();
  if (failed === undefined || others.length > 0)
    throw new Error(`one build should have failed, not ${failed === undefined ? 0 : others.length + 1}`);
  await writeFile(gate, '');
  await failed.retry();
  await bough.untilServes(lasting, `text ${count} of ${lasting}`, deadlineMs);
}

/** What serves is a rotation itself from then on, however often it is rotated. */
export async function rotateBefore(bough: Installation): Promise<void> {
  await rotate(bough);
  await bough.sweep();
}

/** Not again when the new release is desired by then: that would renew it once more. */
export async function rotate(bough: Installation): Promise<void> {
  const desired = async () => (await createDeploymentStore(bough.layout).read(id))?.desired;
  const before = await desired();
  await ask(['rotate', 'demo', lasting], async () => (await desired()) !== before);
}

const strayRoot = (bough: Installation): string => `${bough.layout.releases(id)}/1-bin`;
const oldLog = (bough: Installation): string => `${bough.layout.buildLogs(id)}/${'0'.repeat(40)}.log`;

/** A release whose GC root is lost, a GC root without a release, and a log that is older than logs are kept. */
export async function makeGarbage(bough: Installation): Promise<void> {
  const [older] = await createDeploymentStore(bough.layout).readReleases(id);
  if (older === undefined) throw new Error(`${lasting} has no release`);
  await rm(bough.layout.releaseRoot(id, older.seq));
  await symlink(older.outPath, strayRoot(bough));
  await writeFile(oldLog(bough), 'old');
  await utimes(oldLog(bough), 0, 0);
}

export async function collect(bough: Installation): Promise<void> {
  await ask(['gc', '--all']);
  await until('all garbage is gone', () => !existsSync(strayRoot(bough)) && !existsSync(oldLog(bough)), deadlineMs);
}

/** To its oldest release, by its number: who repeats what broke off would go back twice without. */
export async function rollBack(bough: Installation): Promise<void> {
  const [older] = await createDeploymentStore(bough.layout).readReleases(id);
  await ask(['rollback', 'demo', lasting, String(older?.seq)]);
}
