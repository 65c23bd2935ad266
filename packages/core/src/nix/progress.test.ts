import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { logLines } from './log-line.ts';
import { parseRecord } from './parse-record.ts';
import { type NixState, reduceProgress, startProgress } from './progress.ts';

const fixture = (path: string): string =>
  readFileSync(new URL(`../../../../test/fixtures/nix/${path}`, import.meta.url), 'utf8');

function replay(text: string): { states: NixState[]; lines: string[] } {
  const states = [startProgress('build')];
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const record = parseRecord(line);
    const before = states.at(-1);
    if (record === null || before === undefined) continue;
    const state = reduceProgress(before, record);
    states.push(state);
    lines.push(...logLines(record, state));
  }
  return { states, lines };
}

const nix = (...records: object[]): string => records.map((record) => `@nix ${JSON.stringify(record)}`).join('\n');

for (const version of ['2.8.0', '2.26.3']) {
  test(`Nix ${version}: a build counts up to its total and names what it builds`, () => {
    const { states, lines } = replay(fixture(`${version}/build-ok.log`));

    assert.ok(states.some(({ progress }) => progress.current === 'hello' && progress.running === 1));
    assert.partialDeepStrictEqual(states.at(-1)?.progress, {
      phase: 'build',
      built: 1,
      total: 1,
      running: 0,
      failed: 0,
      current: null,
    });
    assert.equal(states.at(-1)?.running.size, 0);
    assert.deepEqual(lines.slice(-2), ['hello> one 1700000000000', 'hello> two']);
    assert.match(lines[0] ?? '', /this derivation will be built/);
  });

  test(`Nix ${version}: nothing people see holds colours, and none of it is about trust`, () => {
    for (const name of ['build-failed', 'build-dependency', 'eval-throw', 'eval-syntax']) {
      const { lines } = replay(fixture(`${version}/${name}.log`));
      assert.ok(lines.length > 0);
      assert.doesNotMatch(lines.join('\n'), /\u001b|not a trusted user|evaluating file/, name);
    }
  });
}

test('downloads add up, and what is expected is never less than what has come', () => {
  const { states } = replay(
    nix(
      { action: 'start', id: 1, type: 101, level: 4, text: '', fields: ['https://cache/a'] },
      { action: 'start', id: 2, type: 101, level: 4, text: '', fields: ['https://cache/b'] },
      { action: 'result', id: 1, type: 105, fields: [10, 100, 0, 0] },
      { action: 'result', id: 2, type: 105, fields: [5, 0, 0, 0] },
      { action: 'result', id: 1, type: 105, fields: [100, 100, 0, 0] },
      { action: 'stop', id: 1 },
      { action: 'result', id: 2, type: 105, fields: [50, 0, 0, 0] },
      { action: 'stop', id: 2 },
    ),
  );

  assert.partialDeepStrictEqual(states.at(-1)?.progress, { fetchedBytes: 150, expectedBytes: 150 });
  for (const { progress } of states) assert.ok(progress.expectedBytes >= progress.fetchedBytes);
});

test('of several builds the newest is current, with its phase', () => {
  const build = (id: number, name: string) => ({
    action: 'start',
    id,
    type: 105,
    level: 3,
    text: '',
    fields: [`/nix/store/${'a'.repeat(32)}-${name}.drv`, '', 1, 1],
  });
  const { states } = replay(
    nix(
      build(1, 'first'),
      build(2, 'second'),
      { action: 'result', id: 2, type: 104, fields: ['checkPhase'] },
      { action: 'stop', id: 2 },
    ),
  );

  assert.deepEqual(
    states.map(({ progress }) => progress.current),
    [null, 'first', 'second', 'second (checkPhase)', 'first'],
  );
});

test('ids above 2^53 are told apart', () => {
  const [one, two] = ['9007203549708289', '9007203549708288'].map((id) =>
    parseRecord(`@nix {"action":"stop","id":${id}}`),
  );

  assert.deepEqual(
    [one, two],
    [
      { action: 'stop', id: '9007203549708289' },
      { action: 'stop', id: '9007203549708288' },
    ],
  );
});

test('what looks like an id inside a text stays as it is', () => {
  const record = parseRecord(String.raw`@nix {"action":"result","id":1,"type":101,"fields":["{\"id\":5}"]}`);

  assert.deepEqual(record, { action: 'result', id: '1', type: 101, fields: ['{"id":5}'] });
});

test('unknown records are ignored, and lines that are none are kept as text', () => {
  assert.equal(parseRecord('@nix {"action":"new","id":1}'), null);
  assert.equal(parseRecord('@nix []'), null);
  assert.deepEqual(parseRecord('@nix {"action":"result","id":1,"type":110,"payload":{}}'), {
    action: 'result',
    id: '1',
    type: 110,
    fields: [],
  });
  assert.deepEqual(parseRecord('@nix {"action":"sto'), { action: 'text', text: '@nix {"action":"sto' });
  assert.deepEqual(parseRecord('\u001b[31mfatal: x\u001b[0m'), { action: 'text', text: 'fatal: x' });
});

test('a builder that tells of any number of downloads is followed in no more than a thousand', () => {
  const starts = Array.from({ length: 3_000 }, (_, id) => ({
    action: 'start',
    id,
    type: 101,
    level: 3,
    text: '',
    fields: [],
  }));

  assert.equal(replay(nix(...starts)).states.at(-1)?.running.size, 1_000);
});

test('of a text that is longer than anybody reads, both ends are looked at', () => {
  const record = parseRecord(nix({ action: 'msg', level: 0, msg: `error: ${'x'.repeat(1_000_000)} reason` }));

  assert.ok(record?.action === 'msg');
  assert.ok(record.msg.length < 20_000);
  assert.match(record.msg, /^error: x+ … x+ reason$/);
});
