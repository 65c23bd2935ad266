// One Debian is enough: names are escaped in Bough alone; what git makes of them is in `hostile-refs.test.ts`, what systemd does in `units.test.ts`.
// Real branches with hostile names. A few in the suites; by hand, up to 1,300, at some seconds each:
//   script/machine up --replace --image trixie hostile-names
//   script/machine exec hostile-names -- env BOUGH_HOSTILE=500 /opt/node/bin/node --test /opt/bough/test/system/hostile-names.test.ts
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test, type TestContext } from 'node:test';
import { BranchName } from '@bough/core/branch-name.ts';
import { slugOf } from '@bough/host/slug.ts';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { hostileBranches } from '../support/hostile-branches.ts';
import { addBranches, apart, headsOf, removeBranches } from '../support/hostile-remote.ts';
import { identityOf, journalOf, tracesOfAll } from '../support/hostile-world.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';

const count = Number(process.env['BOUGH_HOSTILE'] ?? 12);
const deadlineMs = 60_000 + count * 15_000;
const began = new Date();

const isOdd = (branch: string) => /[^a-z0-9-]/.test(branch);
const isKnownToGit = (branch: string) =>
  branch.isWellFormed() &&
  /^(is not Unicode|holds a character)/.test(BranchName.safeParse(branch).error?.issues[0]?.message ?? '');
/** So many of them, from the first to the last. */
const spread = <T>(all: readonly T[], wanted: number): T[] =>
  all.filter((_, at) => Math.floor((at * wanted) / all.length) !== Math.floor(((at - 1) * wanted) / all.length));

const all = hostileBranches(slugOf);
const [apartFromEachOther = []] = apart(all.filter((branch) => BranchName.safeParse(branch).success));
const usable = apartFromEachOther.filter((branch) => branch !== 'main');
const marked = usable.find((branch) => /^\ufeff./.test(branch)) ?? ''; // what some take off the begin of a text
assert.notEqual(marked, '');
const taken = [
  marked,
  ...spread(
    usable.filter((branch) => isOdd(branch) && branch !== marked),
    count - Math.floor(count / 6) - 1,
  ),
  ...spread(
    usable.filter((branch) => !isOdd(branch)),
    Math.floor(count / 6),
  ),
];
const broken = taken.filter((_, at) => at % 12 === 5);
const healthy = taken.filter((branch) => !broken.includes(branch));
const [refused = []] = apart(all.filter(isKnownToGit));
const rest = healthy.filter((_, at) => at % 2 === 0);

let bough: Installation;
before(async () => {
  bough = await install({}, { sleepAfter: '10s' });
  const { repository } = bough;
  const files = appFiles({
    text: 'app',
    server: `import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
writeFileSync(process.env.STATE_DIRECTORY + '/kept', '');
createServer((_, response) => response.end(process.env.BOUGH_BRANCH)).listen(Number(process.env.PORT), '127.0.0.1');
`,
  });
  await repository.commit('broken', appFiles({ text: 'broken', build: 'exit 7' }));
  const brokenTree = await repository.git('rev-parse', 'HEAD^{tree}');
  await repository.remove('broken');
  await bough.push('main', files);
  const tree = await repository.git('rev-parse', 'HEAD^{tree}');
  await bough.untilServes('main', 'main');
  addBranches(repository.remote, [...healthy, ...refused], tree);
  addBranches(repository.remote, broken, brokenTree);
  await repository.git('fetch', '--quiet', 'origin', '+refs/heads/*:refs/all/*');
});
after(async () => await bough[Symbol.asyncDispose]());

/** Does a sweep, and whatever follows from it, however many branches there are. */
async function sweepAll(): Promise<void> {
  await bough.sweeps.add('sweep', { asked: { by: 'person' } });
  await bough.untilIdle(deadlineMs);
}

/** Does something for each, four at a time. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

const statuses = async (): Promise<{ branch: string; slug: string; state: string; commit: string | null }[]> =>
  JSON.parse((await run(['status', 'demo', '--json'])).stdout).deployments;
const page = async (path: string): Promise<string> =>
  await (
    await fetch(`http://127.0.0.1:9010${path}`, { headers: { authorization: `Basic ${btoa('bough:board password')}` } })
  ).text();
const answersAsItself = async (branch: string) => assert.equal((await get(`/${slugOf(branch)}/`)).body, branch);

/** Tells how long it took, and what memory it took of the services and of systemd. */
async function report(t: TestContext, what: string, from: number): Promise<void> {
  const services = ['bough-worker.service', 'bough-receiver.service', 'bough-redis.service'];
  const pids = await systemctl('show', '--value', '--property=MainPID', ...services);
  const MiB = [...(pids.match(/\d+/g) ?? []), '1'].map((pid) => {
    const [, KiB] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(KiB) / 1024);
  });
  t.diagnostic(
    `${what} in ${Math.round((performance.now() - from) / 1000)} s; worker, receiver, Redis, systemd: ${MiB.join(', ')} MiB`,
  );
}

test('each is live or asleep at an address of its own and says which it is, and whatever does not build has failed', async (t) => {
  const from = performance.now();
  const heads = headsOf(bough.repository.remote);
  for (const branch of taken.filter((_, at) => at % 2 === 0)) await bough.deliverPush(branch, heads.get(branch) ?? '');
  for (const branch of refused) assert.equal((await bough.tell(branch, heads.get(branch) ?? '')).status, 200, branch);
  await sweepAll(); // finds the other half
  await report(t, `${taken.length} branches brought up, ${refused.length} refused`, from);

  const shown = await statuses();

  const states = Object.groupBy(shown, ({ state }) => state);
  t.diagnostic(JSON.stringify(Object.entries(states).map(([state, of]) => [state, of?.length])));
  assert.deepEqual(new Set(shown.map(({ branch }) => branch)), new Set(['main', ...taken]));
  assert.equal(new Set(shown.map(({ slug }) => slug)).size, taken.length + 1);
  for (const { branch, state, commit } of shown) {
    if (broken.includes(branch)) assert.equal(state, 'failed', branch);
    else assert.deepEqual([/^(live|asleep)$/.test(state), commit], [true, heads.get(branch)], `${branch} is ${state}`);
  }
  await forEach(healthy, answersAsItself);
});

test('a name git keeps and Bough refuses is answered and shown with the reason, and never built', async () => {
  const shown = textOf(await page('/deliveries?outcome=ignored'));

  assert.match(shown, /the branch name (is not Unicode|holds a character)/);
  const branches = (await bough.builds.getJobs()).map(({ data }) => data.branch);
  for (const branch of refused) assert.ok(!branches.includes(branch), branch);
});

test('no page holds more of a name than its text: the page of a branch that failed names none at all', async () => {
  const pages = new Set<string>();
  for (const branch of broken) pages.add((await get(`/${slugOf(branch)}/`)).body);
  assert.equal(pages.size, 1);
  assert.match([...pages].join(''), /This branch failed/);

  for (const branch of taken) {
    const html = await page(`/deliveries?branch=${encodeURIComponent(branch)}`);
    assert.deepEqual(
      html.match(/<[^>]*>/g)?.filter((tag) => !isOurs(tag)),
      [],
      branch,
    );
    assert.doesNotMatch(html, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Bidi_Control}]/u, branch);
    if (!/[\u200b-\u200d]/.test(branch)) assert.ok(textOf(html).includes(`>${branch}<`), branch);
  }
});

test('the journal has of every message only text: no control of a terminal, no line that a name began', async () => {
  const messages = await journalOf(began);

  assert.ok(messages.length > count * 2, `${messages.length} messages`);
  for (const { unit, message } of messages) {
    assert.ok(typeof message === 'string', `${unit}: ${JSON.stringify(message)}`);
    assert.doesNotMatch(message, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u, unit);
  }
});

test('of half of them, deleted, nothing is left, and the others are the very same', async (t) => {
  const from = performance.now();
  const gone = taken.filter((branch) => !rest.includes(branch));
  const earlier = new Map<string, string>();
  for (const branch of rest) earlier.set(branch, await identityOf(bough, branch));

  removeBranches(bough.repository.remote, gone);
  for (const branch of gone.slice(0, 10)) assert.equal((await bough.tell(branch, null)).status, 202, branch);
  await sweepAll();
  await report(t, `${gone.length} deleted`, from);

  await assertOnly(['main', ...rest]);
  for (const branch of rest) assert.equal(await identityOf(bough, branch), earlier.get(branch), branch);
  await forEach(rest, answersAsItself);
  await forEach(gone, async (branch) => assert.equal((await get(`/${slugOf(branch)}/`)).status, 404, branch));
});

test('of all of them, deleted, nothing is left', async (t) => {
  const from = performance.now();

  removeBranches(bough.repository.remote, rest);
  await sweepAll();
  await report(t, `${rest.length} deleted`, from);

  await assertOnly(['main']);
  const main = await bough.repository.git('ls-remote', 'origin', 'refs/heads/main');
  assert.deepEqual(await bough.repository.pinsOf(bough.layout.mirror('demo')), [main.split('\t')[0]]);
  await answersAsItself('main');
});

/** That of just these branches, and each of them, there is everything a deployment has. */
async function assertOnly(branches: readonly string[]): Promise<void> {
  const slugs = branches.map(slugOf).toSorted();
  for (const [kind, found] of Object.entries(await tracesOfAll(bough))) {
    const known = kind === 'mirror' ? found.filter((slug) => !refused.map(slugOf).includes(slug)) : found;
    assert.deepEqual([...new Set(known)], slugs, kind);
  }
}

/** Tags the page of deliveries has of its own, with values that hold no other. */
function isOurs(tag: string): boolean {
  return /^<(!doctype html|\/?(html|head|meta|title|style|body|h1|h2|p|a|form|label|input|button|table|thead|tbody|tr|th|td)( (lang|charset|name|content|method|action|href|value)="[^"<>]*")*)>$/.test(
    tag,
  );
}

/** Its text, as a browser would show it; tags stay where they are. */
function textOf(html: string): string {
  return html.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}
