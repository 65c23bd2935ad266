import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEvent, type Event, type Fault, type Harm, type Kind, scheduleOf } from '../chaos/schedule.ts';

const linesOf = (seed: number, length: number) => scheduleOf(seed, length).map(describeEvent);

test('the same seed gives the same schedule', () => {
  for (const seed of [1, 2, 1_000]) assert.deepEqual(linesOf(seed, 200), linesOf(seed, 200));
});

test('another seed gives another schedule', () => {
  const schedules = new Set(Array.from({ length: 200 }, (_, seed) => linesOf(seed + 1, 20).join('\n')));

  assert.equal(schedules.size, 200);
});

test('a longer schedule begins with the shorter one, so that a failing seed can be cut down', () => {
  assert.deepEqual(linesOf(7, 50).slice(0, 20), linesOf(7, 20));
});

/** The actions right before each of a kind of fault in two hundred seeds, each different line once. */
function linesBefore(what: Fault | Harm, count: number): string[] {
  const found = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed + 1, 20)).flatMap((events) =>
    events.flatMap(({ action }, at) =>
      'what' in action && action.what === what
        ? [events.slice(Math.max(0, at - count), at).map((event) => describeEvent({ ...event, afterMs: 0 }))]
        : [],
    ),
  );
  return [...new Set(found.map((lines) => lines.join(', ')))].toSorted();
}

test('before a builder is killed something is pushed that takes its time, and before a harm what can be harmed', () => {
  const told = (kind: Kind) =>
    ['Feature/A', 'feat', 'feature-a', 'feature/a'].map((b) => `+0 ms push ${b} ${kind} told`);

  assert.deepEqual(linesBefore('kill-builder', 1), told('slow'));
  assert.deepEqual(linesBefore('delete-sockets', 1), told('good'));
});

test('before a remote lags behind one branch is pushed to twice', () => {
  for (const line of linesBefore('stale-remote', 2))
    assert.match(line, /^\+0 ms push (\S+) good told, \+0 ms push \1 good told$/);
});

test('people often ask for something of a branch there is while Redis is in trouble, or the disk', () => {
  const isAsked = ({ action }: Event) => 'branch' in action && !('told' in action);
  for (const what of ['freeze-redis', 'fill-state-disk'] as const) {
    const after = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed + 1, 20)).flatMap((events) =>
      events.filter((_, at) => isBreak(events[at - 1], what)),
    );
    assert.ok(after.filter(isAsked).length > after.length / 3, what);
  }
});

const isBreak = (event: Event | undefined, what: Fault) => event?.action.do === 'break' && event.action.what === what;

test('other faults come after anything', () => {
  assert.ok(linesBefore('kill-redis', 1).length > 10);
});

test('two hundred seeds hold every kind of action and every fault', () => {
  const actions = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed + 1, 20)).flat();
  const seen = new Set(actions.map(({ action }) => ('what' in action ? `${action.do} ${action.what}` : action.do)));

  for (const one of [
    'push',
    'rewind',
    'delete',
    'recreate',
    'redeliver',
    'rollback',
    'pin',
    'unpin',
    'suspend',
    'resume',
    'rotate',
    'cancel',
    'deploy',
    'retry-failed',
    'sweep',
    'kill-worker-at',
  ])
    assert.ok(seen.has(one), one);
  assert.equal([...seen].filter((one) => one.startsWith('break ')).length, 26);
  assert.equal([...seen].filter((one) => one.startsWith('harm ')).length, 6);
});
