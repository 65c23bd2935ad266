import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deed } from '../chaos/deed.ts';
import { judgeVerdicts } from '../chaos/judge-verdicts.ts';
import type { Harm, Kind } from '../chaos/schedule.ts';

const at = '2026-01-01T00:00:00.000Z';
const made = new Map((['good', 'broken', 'crashing'] as const).map((kind: Kind) => [kind, { kind, text: kind }]));
const verified = { state: 'verified', at } as const;
const failed = (message = '') => ({ state: 'failed', at, code: 'APP_EXITED', message }) as const;
const killed = failed('the process was killed by signal 9');
const unit = 'bough-demo--feat--r2-web.service';
const harmed = (what: Harm, of: string, missed?: true): Deed => ({
  action: { do: 'harm', what, nth: 0 },
  from: 1,
  to: 2,
  unit: of,
  ...(missed === undefined ? {} : { missed }),
});

for (const [what, commit, verdict, deeds] of [
  ['that works and was verified', 'good', verified, []],
  ['that works and is not decided yet', 'good', { state: 'pending' }, []],
  ['that ends at once and is unfit', 'crashing', failed(), []],
  ['that works and whose process the run killed', 'good', killed, [harmed('kill-app', unit)]],
] as const) {
  test(`the verdict of a release ${what} is right`, () => {
    assert.deepEqual(judgeVerdicts([{ slug: 'feat', seq: 2, commit, verdict }], made, deeds), []);
  });
}

for (const [what, commit, verdict, deeds] of [
  ['that works and is unfit', 'good', failed(), []],
  ['that works and is unfit for another reason', 'good', failed('no answer'), [harmed('kill-app', unit)]],
  ['that works, and nobody was killed', 'good', killed, [harmed('kill-app', unit, true)]],
  ['that works, and another was killed', 'good', killed, [harmed('kill-app', unit.replace('r2', 'r3'))]],
  ['that works, and that was stopped', 'good', killed, [harmed('stop-unit', unit)]],
  ['that ends at once and was verified', 'crashing', verified, []],
  ['of a commit that does not compile', 'broken', verified, []],
  ['of a commit nobody made', 'other', verified, []],
] as const) {
  test(`the verdict of a release ${what} is told`, () => {
    assert.equal(judgeVerdicts([{ slug: 'feat', seq: 2, commit, verdict }], made, deeds).length, 1);
  });
}
