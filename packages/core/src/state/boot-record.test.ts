import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootRecordOf, parseBootRecord, renderBootRecord } from './boot-record.ts';

const id = { project: 'demo', slug: 'main' };
const unit = (end: string) => `bough-demo--main--r7-${end}`;

test('sockets, timers and what does not sleep are started; the rest is only linked', () => {
  const units = {
    [unit('web.service')]: '[Service]\nType=exec\n',
    [unit('web.socket')]: '[Socket]\n',
    [unit('web--proxy.service')]: '[Service]\n',
    [unit('naps.service')]: '[Unit]\nStopWhenUnneeded=yes\n',
    [unit('naps.socket')]: '[Socket]\n',
    [unit('daily.service')]: '[Service]\nType=oneshot\n',
    [unit('daily.timer')]: '[Timer]\n',
    [unit('web--setup.service')]: '[Service]\nType=oneshot\n',
  };

  const record = bootRecordOf({ seq: 7, units }, false);

  assert.ok(record);
  assert.equal(
    renderBootRecord(record),
    `bough-boot 1
link bough-demo--main--r7-daily.service
start bough-demo--main--r7-daily.timer
link bough-demo--main--r7-naps.service
start bough-demo--main--r7-naps.socket
link bough-demo--main--r7-web--proxy.service
link bough-demo--main--r7-web--setup.service
start bough-demo--main--r7-web.service
start bough-demo--main--r7-web.socket
serve r7-web.sock
`,
  );
  assert.deepEqual(parseBootRecord(id, renderBootRecord(record)), record);
});

test('of what the limits put to sleep the sockets and timers alone are started', () => {
  const units = {
    [unit('web.service')]: '[Service]\nType=exec\n',
    [unit('web.socket')]: '[Socket]\n',
    [unit('jobs.service')]: '[Service]\nType=exec\n',
    [unit('daily.timer')]: '[Timer]\n',
  };

  const record = bootRecordOf({ seq: 7, units }, true);

  assert.deepEqual(record?.starts, new Set([unit('daily.timer'), unit('web.socket')]));
});

test('a release whose units were never rendered has nothing to bring back', () => {
  assert.equal(bootRecordOf({ seq: 1, units: undefined }, false), null);
});
