import { existsSync } from 'node:fs';
import { rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { callApi } from '../support/api.ts';
import { bough as commandLine } from '../support/command-line.ts';
import { get, type Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { deadlineMs, hasComeTo, id, lasting, passing, pushUntilLive, pushUntilSettled, untilLive } from './pushes.ts';
import { signalUnit } from './signal-unit.ts';

/** What the app is given, and `bough rotate` is about. */
export const credential = { name: 'token', file: '/srv/bough-test/token' };
const dayMs = 86_400_000;
let token = '';

/** Puts the lasting branch where each of its circles can begin: with as many releases as are kept, and each trace of a resume. */
export async function makeLasting(bough: Installation): Promise<void> {
  await pushUntilLive(bough, lasting);
  await pushUntilLive(bough, lasting);
  await ask(['suspend', 'demo', lasting]);
  await ask(['resume', 'demo', lasting]);
  // Another preview puts it to sleep, where one may be live: the first time one comes is no other than the next.
  await pushUntilLive(bough, passing);
  await fallAsleep(bough);
  await removeUntilGone(bough, passing);
  // What follows on the answer is no part of the first act.
  await bough.sweep();
  await bough.untilIdle();
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

/** Nothing was pushed for longer than the project lets a preview live. Not by the clock: what a wrong one judged comes back. */
export async function expire(bough: Installation): Promise<void> {
  const store = createDeploymentStore(bough.layout);
  const deployment = await store.read(id);
  if (deployment === null || deployment.head === null) throw new Error('nothing was pushed');
  const at = new Date(Date.now() - 3 * dayMs).toISOString();
  await store.write({ ...deployment, head: { ...deployment.head, at }, resumed: null });
  await bough.sweep();
  await until('it is down', async () => (await get(`/${lasting}/`)).status === 503, deadlineMs);
  await bough.untilIdle();
}

export async function cancel(bough: Installation): Promise<void> {
  await ask(['cancel', 'demo', lasting], async () => await hasComeTo(bough, 'cancelled'));
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

/** By the API, where it is a job: what a worker began that died is done by the next one. */
export async function deletePreview(): Promise<void> {
  token ||= (await commandLine(['token', 'create', 'test', '--scope', 'operate', '--all'])).stdout.trim();
  const path = `/api/projects/demo/branches/${lasting}`;
  const { status, body } = await callApi('http://127.0.0.1:9010', token, 'DELETE', path);
  if (status !== 202) throw new Error(`the API answered ${status}: ${JSON.stringify(body)}`);
}

const isAsleep = async (bough: Installation): Promise<boolean> =>
  ((await createDeploymentStore(bough.layout).read(id))?.asleep ?? null) !== null;

/** Another preview, visited last. What follows on its push is waited for, of which Bough tells no end. */
export async function pushAnother(bough: Installation): Promise<void> {
  await pushUntilSettled(bough, passing);
  await sleep(500);
}

/** Where one preview may be live. */
export async function fallAsleep(bough: Installation): Promise<void> {
  await bough.sweep();
  await until('it is asleep', async () => await isAsleep(bough), deadlineMs);
}

/** A visit has woken it. The other preview goes: there is none in what is done next. */
export async function wakeUp(bough: Installation): Promise<void> {
  await bough.sweep();
  await until('it is awake', async () => !(await isAsleep(bough)), deadlineMs);
  await removeUntilGone(bough, passing);
}

/** The worker is killed while it builds, so that another death comes while the next one takes over from it. */
export async function takeOver(bough: Installation): Promise<void> {
  await signalUnit('bough-worker.service', 'SIGKILL');
  await untilLive(bough, lasting);
}
