import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deed, Done } from '../chaos/deed.ts';
import { isHeld } from '../chaos/judge-cancel.ts';
import type { Action } from '../chaos/schedule.ts';

const branch = 'feat';
const deed = (action: Action, from: number, done: Done = {}): Deed => ({ action, from, to: from + 10, ...done });
const cancelled = deed({ do: 'cancel', branch }, 1_000, { held: 'c1' });
const deployed = (done: Done = {}, of = branch) => deed({ do: 'deploy', branch: of }, 2_000, done);
const retried = (of: string) => deed({ do: 'retry-failed' }, 2_000, { retried: [of] });
const emptied = deed({ do: 'break', what: 'flush-redis' }, 3_000);

for (const [what, deeds] of [
  ['that was cancelled', [cancelled]],
  ['cancelled after it was asked for', [deployed(), cancelled]],
  ['whose cancel broke off', [deed({ do: 'cancel', branch }, 1_000, { brokeOff: true }), deployed()]],
  ['asked for in vain', [cancelled, deployed({ refused: true })]],
  ['asked for beside it', [cancelled, deployed({}, 'feature-a'), retried('feature-a')]],
  ['asked for of a Redis that was emptied then', [cancelled, deployed(), emptied]],
] as const) {
  test(`a head ${what} is held`, () => {
    assert.equal(isHeld(branch, 'c1', deeds), true);
  });
}

for (const [what, deeds] of [
  ['nobody cancelled', []],
  ['whose branch had another cancelled', [deed({ do: 'cancel', branch }, 1_000, { held: 'c0' })]],
  ['beside one that was cancelled', [deed({ do: 'cancel', branch: 'feature-a' }, 1_000, { held: 'c1' })]],
  ['that was deployed after that', [cancelled, deployed()]],
  ['whose failed build was retried after that', [cancelled, retried(branch)]],
] as const) {
  test(`a head ${what} is not held`, () => {
    assert.equal(isHeld(branch, 'c1', deeds), false);
  });
}
