import { ForgeName } from '@bough/core/forge/forge-name.ts';
import { slugOf } from '@bough/host/slug.ts';
import * as fc from 'fast-check';
import { allForgeCases, forgeHeaders, signingSecret } from './forge-deliveries.ts';
import { hostileBranches } from './hostile-branches.ts';

/** A project deliveries are sent to, and the secret of one beside it that nothing is sent to. */
export interface FuzzedProject {
  readonly name: string;
  readonly forge: ForgeName;
  readonly secret: string;
  readonly secretOfAnother: string;
}

/** One of every forge; of GitLab one with a token and one that signs. */
export const fuzzedProjects: readonly FuzzedProject[] = [
  ...ForgeName.options.map((forge) => ({
    name: forge,
    forge,
    secret: `the secret of ${forge}`,
    secretOfAnother: `the secret of another project of ${forge}`,
  })),
  {
    name: 'signed',
    forge: 'gitlab',
    secret: signingSecret,
    secretOfAnother: `whsec_${Buffer.alloc(32, 9).toString('base64')}`,
  },
];

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
const brokenText = ['', '{', '[]', 'null', '['.repeat(50_000), '{"a":'.repeat(5_000), '1e999'];

/** What is done to a body: a value put in the place of a part of it (or none), other text, other bytes, nothing. */
const bodyChange = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      path: fc.array(fc.nat(20), { maxLength: 5 }),
      put: fc.option(hostileValue, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ raw: fc.oneof(fc.string(), fc.constantFrom(...brokenText)) }) },
  { weight: 1, arbitrary: fc.record({ bytes: fc.uint8Array({ maxLength: 200 }) }) },
  { weight: 4, arbitrary: fc.constant({ none: true as const }) },
);

/** What may stand in a header: any byte but those that end a line. */
const headerText = fc.oneof(
  fc.constantFrom('', 'push', 'Push Hook', 'repo:push', 'diagnostics:ping', 'constructor', 'a, b', 'x'.repeat(129)),
  fc.constantFrom(
    '%00',
    '__proto__',
    '0',
    'v1,',
    'sha256=',
    'whsec_',
    'identity',
    'gzip',
    'br, gzip',
    'chunked',
    'close',
  ),
  fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', 'multipart/form-data', '*/*'),
  fc.constantFrom('127.0.0.1', '::1', '192.0.2.1, 127.0.0.1', 'for=127.0.0.1', 'Basic Og==', '100-continue'),
  fc.string({ unit: byteUnit(0x20, 0x7e), maxLength: 200 }),
  fc.string({ unit: fc.oneof(byteUnit(0x20, 0x7e), byteUnit(0x80, 0xff), fc.constant('\t')), maxLength: 60 }),
);
function byteUnit(min: number, max: number): fc.Arbitrary<string> {
  return fc.integer({ min, max }).map((code) => String.fromCharCode(code));
}

const ofForges = ForgeName.options.flatMap((forge) =>
  Object.keys(forgeHeaders(forge, { event: '', delivery: '', secret: signingSecret, body: '' })),
);
const ofNoForge =
  'content-encoding x-forwarded-for forwarded authorization cookie te trailer origin sec-fetch-site x-http-method-override range';
/** What no forge, or another one, sends. */
const headerName = fc.constantFrom(...new Set([...ofForges, 'x-gitlab-token', ...ofNoForge.split(' ')]));

/** What is done to the headers, one after the other. `at` chooses one of those there are; `null` repeats its value. */
const headerEdit = fc.oneof(
  fc.record({ do: fc.constant('replace' as const), at: fc.nat(20), text: headerText }),
  fc.record({ do: fc.constant('remove' as const), at: fc.nat(20) }),
  fc.record({ do: fc.constantFrom('behind' as const, 'before' as const), at: fc.nat(20), text: fc.option(headerText) }),
  fc.record({ do: fc.constant('add' as const), name: headerName, text: headerText }),
);

/** How a delivery is proven. Time, id and list mean something only to a signature that has them: GitLab's. */
const proof = fc.oneof(
  { weight: 4, arbitrary: fc.constant('right' as const) },
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      ...([
        'wrong',
        'other body',
        'other project',
        'none',
        'late',
        'early',
        'other id',
        'among others',
        'as a token',
      ] as const),
    ),
  },
);

const plan = fc.record({
  base: fc.constantFrom(
    ...fuzzedProjects.flatMap((project) => allForgeCases([project.forge]).map(({ sent }) => ({ project, sent }))),
  ),
  change: bodyChange,
  proof,
  delivery: fc.oneof(fc.uuid(), fc.constantFrom('wait', 'meta', '0', 'x'.repeat(128), 'a:b:c', '../..')),
  edits: fc.oneof(
    { weight: 2, arbitrary: fc.constant<HeaderEdit[]>([]) },
    { weight: 3, arbitrary: fc.array(headerEdit, { maxLength: 3 }) },
  ),
  /** Sent in about so many chunks, without a length; `null`: whole, with it. */
  chunks: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(1, 2, 3, 500) },
  ),
  /** Another project to send it to. */
  to: fc.oneof(
    { weight: 12, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('nobody', 'demo', '__proto__', 'constructor', '..', '%2e%2e', 'a/b', 'x'.repeat(200)),
    },
  ),
});

type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer T> ? T : never;
/** What to do to which delivery. */
export type FuzzPlan = Of<typeof plan>;
export type BodyChange = Of<typeof bodyChange>;
export type HeaderEdit = Of<typeof headerEdit>;

/** As many plans as one likes, the same for the same seed. */
export const samplePlans = (seed: number, numRuns: number): FuzzPlan[] => fc.sample(plan, { seed, numRuns });
