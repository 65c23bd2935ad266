import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeEnd } from '../../script/lib/demo/describe-end.ts';
import { DemoError } from '../../script/lib/demo/say.ts';

const stopped = new AbortController();
stopped.abort(new DemoError('It was stopped by SIGINT'));
const { signal } = stopped;
const going = new AbortController().signal;
/** What a timer rejects with. */
const abortError: unknown = await sleep(0, undefined, { signal }).catch((error: unknown) => error);
const left = new DemoError('Units of the demo are left: bough-hello--main--r1-web.service');

test('everything is down after a demo that was stopped, whether what it waited for says so or its cause', () => {
  for (const error of [signal.reason, abortError])
    assert.equal(describeEnd(error, signal), 'stopped before it was ready; everything is down');
});

test('what failed is told, also when it did so after Ctrl-C', () => {
  for (const each of [signal, going]) assert.equal(describeEnd(left, each), `the demo failed: ${left.message}`);
});

test('what failed while a demo that was stopped was taken down is told beside that it was stopped', () => {
  const told = `the demo failed: It was stopped by SIGINT\nand taking it down failed: ${left.message}`;

  for (const error of [signal.reason, abortError])
    assert.equal(describeEnd(new SuppressedError(left, error), signal), told);
});
