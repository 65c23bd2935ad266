import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areGood, describeReport, summarise } from '../chaos/describe-report.ts';
import type { Played } from '../chaos/play-seed.ts';
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
  faults: [],
  meetings: { forge: 2, people: 1 },
};

test('a run that went well is one line', () => {
  assert.equal(
    describeReport(played),
    'seed 7 on bookworm: converged in 5000 ms; 14 events, 3 builds, 100 visits of at most 90 ms, 4 deliveries kept, 1 refused; 2 of the forge and 1 of people while a fault lasted',
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

const struck = (what: string, isMet: boolean) => ({ what, isMet });
const mixed = {
  ...played,
  faults: [
    struck('block-worker', false),
    struck('stop-unit', true),
    struck('block-worker', true),
    struck('lose-remote', false),
  ],
};

test('faults without effect are told of each run', () => {
  assert.match(describeReport(mixed), /; without effect block-worker, lose-remote$/);
});

test('of all runs it is told how often each fault met something, and how much happened while one lasted', () => {
  const lines = summarise([mixed, mixed, played]);

  assert.match(lines[0] ?? '', /, 6 of the forge and 3 of people while a fault lasted$/);
  assert.equal(
    lines[1],
    '4 of 8 faults without effect; met something: lose-remote 0 of 2, block-worker 2 of 4, stop-unit 2 of 2',
  );
});

test('two hundred seeds in which a fault never met anything are not good, though each converged', () => {
  const many = Array.from({ length: 200 }, () => mixed);

  assert.ok(!areGood(many));
  assert.ok(summarise(many).includes('met nothing in 200 seeds: lose-remote'));
  assert.equal(summarise(many).at(-1), '200 passed, 0 failed');
});

test('fewer seeds are good where each converged, and as many where each fault has met something once', () => {
  const many = Array.from({ length: 199 }, () => mixed);

  assert.ok(areGood(many));
  assert.ok(areGood([...many, { ...played, faults: [struck('lose-remote', true)] }]));
});

test('no seed at all, or one that failed, is not good', () => {
  assert.ok(!areGood([]));
  assert.ok(!areGood([played, { ...played, problems: ['feat: nothing is recorded of it'] }]));
});
