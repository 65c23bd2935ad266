// One Debian is enough: where it dies is between what Bough does, and chaos.test.ts kills on both.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { bough as commandLine } from '../support/command-line.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';
import {
  killWorkerAt,
  pointsPassed,
  pointsPassedSoFar,
  pointsReached,
  spareWorker,
  wireWorker,
} from '../support/worker-drop-in.ts';
import { credential, makeLasting } from './acts.ts';
import { type Act, circles } from './circles.ts';
import { decisionsOf } from './decisions.ts';
import { findLeftovers } from './leftovers.ts';
import { deadlineMs } from './pushes.ts';
import { findUnheld } from './unheld.ts';
import { differences } from './world-difference.ts';
import { worldOf } from './world-of.ts';

/**
 * In CI each act meets one death, each at another part of its way, but for what is tried by hand alone. By hand every
 * point, or of every so many the one that is so many after the first: `script/test points` divides them among machines.
 */
const stride = Number(process.env['BOUGH_STRIDE'] ?? 0);
const offset = Number(process.env['BOUGH_OFFSET'] ?? 0);
/** So much of its way an act has every time; how much more depends on what else the worker was at. */
const sure = 0.9;

let bough: Installation;
let wired: AsyncDisposable;
before(async () => {
  wired = await wireWorker();
  bough = await install(
    {
      reconcile: { settleSec: 0.05, drainSec: 0.05, keepReleases: 2 },
      gc: { every: 'never' },
      sweepIntervalSec: 12 * 86_400, // none comes but those of the acts
    },
    { ttl: '1d', maxLive: 1, credentials: [credential] },
  );
  await writeFile(credential.file, 'a token');
  await bough.push('main', appFiles({ text: 'main' }));
  await bough.untilServes('main', 'main');
  await makeLasting(bough);
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await wired[Symbol.asyncDispose]();
});

let acts = 0;
for (const circle of circles.filter(({ byHand }) => stride > 0 || byHand === undefined)) {
  test(`a worker killed at any point of ${circle.of} leaves what one that was not killed leaves`, async (t) => {
    const tries: Try[] = [];
    for (const act of circle.acts) {
      let passed: string[] = [];
      const reference = await worldAfter(act, circle.branch, async (work) => void (passed = await pointsPassed(work)));
      assert.equal(reference['leftovers'], undefined);
      tries.push({ act, reference, points: choose(passed.length, acts++), passed, deaths: 0, survived: [] });
    }

    const problems: string[] = [];
    for (let round = 0; tries.some(({ points }) => round < points.length); round += 1) {
      for (const one of tries) {
        const point = one.points[round] ?? Number.POSITIVE_INFINITY;
        let hasDied = false;
        const world = await worldAfter(one.act, circle.branch, async (work) => {
          await killWorkerAt(point);
          await work();
          hasDied = !(await spareWorker());
        });
        const where = hasDied
          ? `killed at point ${point}, ${(await pointsReached()).at(-1)}`
          : `not killed at ${point}`;
        if (hasDied) one.deaths += 1;
        else if (Number.isFinite(point)) {
          const now = await pointsPassedSoFar();
          if (isFault(point, now.length, one.passed.length))
            problems.push(`${one.act.name}: nobody died at point ${point}; ${compare(now, one.passed)}`);
          else one.survived.push(point);
        }
        problems.push(...differences(world, one.reference).map((line) => `${one.act.name} ${where}: ${line}`));
      }
    }

    for (const { act, passed, points, deaths, survived } of tries) {
      t.diagnostic(`${act.name}: ${passed.length} points, ${points.length} tried, ${deaths} deaths`);
      if (survived.length > 0)
        t.diagnostic(`${act.name}: nobody died at ${survived.join(', ')}, which may not be there each time`);
    }
    assert.deepEqual(problems, []);
    // Of all points by hand, a machine may have none in an act; each act has one that it is killed at in CI.
    const spared = tries.filter(({ deaths }) => deaths === 0).map(({ act }) => act.name);
    assert.ok(stride === 0 ? spared.length === 0 : spared.length < tries.length, `nobody died in ${spared.join(', ')}`);
    assert.equal(overlap(await buildRuns()), 0n);
  });
}

interface Try {
  readonly act: Act;
  /** What is there after it when nobody dies. */
  readonly reference: Record<string, string>;
  /** The points that were passed then. */
  readonly passed: readonly string[];
  readonly points: readonly number[];
  deaths: number;
  /** The points nobody died at, and need not: at the end of the way or beyond it. */
  readonly survived: number[];
}

/** Whether an act that nobody died in shows a fault: it came past the point, now or then, or less far than it has to. */
function isFault(point: number, now: number, then: number): boolean {
  return point <= sure * Math.max(now, then) || now < sure * then;
}

/** The points to die at. A tenth more than were passed: not every time are there as many. */
function choose(passed: number, index: number): number[] {
  if (stride === 0) return [1 + Math.floor(passed * sure * ((index * 0.618) % 1))];
  const all = Array.from({ length: Math.ceil(passed * 1.1) }, (_, point) => point + 1);
  return all.filter((point) => (point - 1) % stride === offset);
}

/** What tells one time from the other: how many points were passed, and which were only once. */
function compare(now: readonly string[], then: readonly string[]): string {
  const [nowNamed, thenNamed] = [now.map(nameAlike), then.map(nameAlike)];
  const missing = surplus(thenNamed, nowNamed).map((name) => `\n  only then: ${name}`);
  const added = surplus(nowNamed, thenNamed).map((name) => `\n  only now: ${name}`);
  return `${now.length} were passed now, ${then.length} then${[...missing, ...added].join('')}`;
}

/** A point without the hashes and numbers that are others each time. */
const nameAlike = (name: string): string => name.replaceAll(/[0-9a-z]{20,}|\d+/g, '*');

/** What of one list the other has not, or not as often. */
function surplus(of: readonly string[], over: readonly string[]): string[] {
  const left = [...over];
  return of.filter((name) => {
    const index = left.indexOf(name);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** A person is answered once a release serves; what it replaced goes after that, and is a part of the act. */
async function untilStill(): Promise<void> {
  await until(
    'a worker answers and is at nothing',
    async () => {
      const { stdout } = await commandLine(['metrics']);
      return /^bough_worker_up 1$/m.test(stdout) && /^bough_action_seconds 0$/m.test(stdout);
    },
    deadlineMs,
  );
}

/** What there is of a branch after an act and the sweep that follows, and what belongs to none. */
async function worldAfter(
  { prepare, perform }: Act,
  branch: string,
  witness: (work: () => Promise<void>) => Promise<void>,
): Promise<Record<string, string>> {
  await prepare?.(bough);
  const known = new Set(await decisionsOf(bough.layout, branch));
  await witness(async () => {
    await perform(bough);
    await untilStill();
    await bough.untilIdle();
  });
  // A worker that finds a build cut short puts its first sweep off, which would fall into the next act.
  for (const job of await bough.sweeps.getDelayed())
    if (job.repeatJobKey === undefined) await job.promote().catch(() => undefined); // its time may have come
  await bough.sweep();
  await get(`/${branch}/`); // systemd shows whether a socket was ever asked
  const branches = await bough.repository.headsOf(bough.repository.remote);
  const store = createDeploymentStore(bough.layout);
  const left = [...(await findLeftovers(bough, store, branches)), ...(await findUnheld(bough, store, branches))];
  return { ...(await worldOf(bough, branch, known)), ...(left.length === 0 ? {} : { leftovers: left.join('\n') }) };
}
