import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeReport, type Played, summarise } from '../chaos/play-seed.ts';
import { scheduleOf } from '../chaos/schedule.ts';

const played: Played = {
  seed: 7,
  image: 'bookworm',
  events: scheduleOf(7, 14),
  problems: [],
  convergedMs: 5_000,
  visits: 100,
  longestVisitMs: 90,
  builds: 3,
  acknowledged: 4,
  refused: 1,
  died: [],
  missed: [],
};

test('a run that went well is one line', () => {
  assert.equal(
    describeReport(played),
    'seed 7 on bookworm: converged in 5000 ms; 14 events, 3 builds, 100 visits of at most 90 ms, 4 deliveries kept, 1 refused',
  );
});

test('a run that failed tells its schedule, the whole command that plays it again, and what was wrong', () => {
  const lines = describeReport({ ...played, problems: ['feat: nothing is recorded of it'] }).split('\n');

  assert.equal(lines.length, 1 + 14 + 2);
  assert.deepEqual(lines.slice(-2), [
    '  played again by: script/test chaos --runs 1 --seed 7 --length 14 --image bookworm',
    '  ✖ feat: nothing is recorded of it',
  ]);
});

test('faults without effect are told of each run and counted of all', () => {
  const one = { ...played, missed: ['block-worker', 'stop-unit'] };
  const faults = played.events.filter(({ action }) => action.do === 'break' || action.do === 'harm').length;

  assert.match(describeReport(one), /; without effect block-worker, stop-unit$/);
  assert.match(summarise([one, played])[0] ?? '', new RegExp(`, 2 of ${2 * faults} faults without effect$`));
});
