// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import test from 'node:test';
import { ForgeName } from '@bough/core/forge/forge-name.ts';
import { slugOf } from '@bough/host/slug.ts';
import * as fc from 'fast-check';
import { allForgeCases, forgeHeaders } from '../support/forge-deliveries.ts';
import { hostileBranches } from '../support/hostile-branches.ts';
import { useReceiver } from '../support/receiver-rig.ts';

const cases = 10_000;
const atOnce = 32;
const secretOf = (forge: string): string => `the secret of ${forge}`;
const rig = useReceiver(
  Object.fromEntries(ForgeName.options.map((forge) => [forge, { secrets: [secretOf(forge)], settings: { forge } }])),
);

/** What is done to one good delivery. */
interface Fuzzed {
  readonly project: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
  /** Whether its forge would have sent just these bytes with just this proof. */
  readonly isSigned: boolean;
}

const hostileText = fc.oneof(
  fc.constantFrom(...hostileBranches(slugOf)),
  fc.constantFrom('', '0'.repeat(40), 'f'.repeat(40), 'f'.repeat(64), 'refs/heads/', 'refs/tags/x', 'x'.repeat(70_000)),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const hostileValue = fc.oneof(
  hostileText,
  hostileText.map((text) => `refs/heads/${text}`),
  fc.constantFrom(null, true, false, 0, -1, 1e308, [], {}, [null], { length: 1e9 }, { __proto__: null }),
  fc.jsonValue({ maxDepth: 3 }),
);
const headerText = fc.oneof(
  fc.constantFrom(
    '',
    'push',
    'Push Hook',
    'repo:push',
    'constructor',
    'a, b',
    'x'.repeat(129),
    '%00',
    '__proto__',
    '0',
    'v1,',
  ),
  fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', 'multipart/form-data', '*/*'),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 200 }),
);

/** Puts a value in the place of a leaf or a branch of a JSON value, or leaves a key out. */
function edit(value: unknown, path: readonly number[], put: unknown): unknown {
  const [first = 0, ...rest] = path;
  if (typeof value !== 'object' || value === null || path.length === 0) return put;
  const entries = Object.entries(value);
  const chosen = entries[first % Math.max(1, entries.length)];
  if (chosen === undefined) return put;
  const [key, inner] = chosen;
  const changed = rest.length === 0 && put === undefined ? undefined : edit(inner, rest, put);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? changed : item));
  return Object.fromEntries([
    ...entries.filter(([name]) => name !== key),
    ...(changed === undefined ? [] : [[key, changed]]),
  ]);
}

const bodyChange = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      path: fc.array(fc.nat(20), { maxLength: 5 }),
      put: fc.option(hostileValue, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      raw: fc.oneof(
        fc.string(),
        fc.constantFrom('', '{', '[]', 'null', '['.repeat(50_000), '{"a":'.repeat(5_000), '1e999'),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ bytes: fc.uint8Array({ maxLength: 200 }) }) },
  { weight: 2, arbitrary: fc.constant({ none: true as const }) },
); // prettier-ignore

const fuzzed: fc.Arbitrary<Fuzzed> = fc
  .record({
    base: fc.constantFrom(...allForgeCases()),
    change: bodyChange,
    proof: fc.constantFrom('right', 'right', 'right', 'wrong', 'other body', 'other project', 'none'),
    delivery: fc.oneof(fc.uuid(), fc.constantFrom('wait', 'meta', '0', 'x'.repeat(128), 'a:b:c', '../..')),
    headers: fc.array(fc.tuple(fc.nat(20), fc.option(headerText, { nil: null })), { maxLength: 2 }),
    project: fc.oneof(
      { weight: 12, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'nobody',
          'demo',
          '__proto__',
          'constructor',
          '..',
          '%2e%2e',
          'a/b',
          'x'.repeat(200),
        ),
      },
    ),
  })
  .map(({ base: { forge, sent }, change, proof, delivery, headers: edits, project }) => {
    const body = bodyOf(sent.body, change);
    const secret =
      proof === 'right' || proof === 'other body'
        ? secretOf(forge)
        : proof === 'other project'
          ? secretOf('gitea!')
          : 'wrong';
    const good = forgeHeaders(forge, {
      event: sent.event,
      delivery,
      secret,
      body: proof === 'other body' ? `${String(body)} ` : body,
    });
    const headers = proof === 'none' ? { 'content-type': 'application/json' } : good;
    const names = Object.keys(good);
    let isProofKept = true;
    for (const [index, text] of edits) {
      const name = names[index % names.length] ?? '';
      // Forgejo's copies of Gitea's headers are for others.
      const isProof = /signature|token/.test(name) && !(forge === 'forgejo' && name.startsWith('x-gitea'));
      if (isProof && text !== good[name]) isProofKept = false;
      if (text === null) Reflect.deleteProperty(headers, name);
      else Object.assign(headers, { [name]: text });
    }
    const isTold = forge === 'gitlab' && proof === 'other body'; // a token says nothing of the body
    const isSigned = (proof === 'right' || isTold) && isProofKept && project === null;
    return { project: project ?? forge, headers, body, isSigned };
  }); // prettier-ignore

type BodyChange = typeof bodyChange extends fc.Arbitrary<infer T> ? T : never;

function bodyOf(body: unknown, change: BodyChange): string | Uint8Array {
  if ('raw' in change) return change.raw;
  if ('bytes' in change) return change.bytes;
  return JSON.stringify('path' in change ? edit(body, change.path, change.put) : body) ?? '';
}

test(`${cases} deliveries, made wrong in body, headers and proof: no crash, no fault, and nothing unsigned is taken`, async (t) => {
  const seed = Number(process.env['BOUGH_FUZZ_SEED'] ?? randomInt(2 ** 31));
  t.diagnostic(`BOUGH_FUZZ_SEED=${seed}`);
  const all = fc.sample(fuzzed, { seed, numRuns: cases });
  const counts: Record<string, number> = {};
  const start = performance.now();

  let next = 0;
  async function sendSome(): Promise<void> {
    for (let one = all[next++]; one !== undefined; one = all[next++]) {
      const { status, body } = await rig.receiver.send(encodeURIComponent(one.project), one.headers, one.body);
      const label = `${status} ${JSON.stringify(body)} to ${JSON.stringify({ ...one, body: String(one.body).slice(0, 2_000) })}`;
      counts[status] = (counts[status] ?? 0) + 1;
      assert.ok(status < 500 || (status === 503 && body.outcome === 'unavailable'), label);
      assert.ok(one.isSigned || status >= 400, `unsigned and taken: ${label}`);
      assert.ok(body.job === undefined || status === 202, label);
      assert.ok(
        typeof body.outcome === 'string' && status < 400 === (body.outcome !== 'rejected' && status !== 503),
        label,
      );
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendSome));

  t.diagnostic(`${JSON.stringify(counts)} in ${Math.round(performance.now() - start)} ms`);
  for (const status of [200, 202, 400, 401, 404, 415, 422])
    assert.ok((counts[status] ?? 0) > 0, `none was answered ${status}`);
  assert.ok((await fetch(`${rig.receiver.url}/readyz`)).ok);
  process.kill(rig.receiver.pid, 0); // throws when that very process is gone
  assert.deepEqual(
    rig.receiver.log.filter(({ level }) => Number(level) >= 50),
    [],
  );
});
