import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Manifest } from './manifest.ts';
import { beyondLimits } from './manifest-limits.ts';

const exec = ['/nix/store/x/bin/app'];
const problems = (services: object): string[] => beyondLimits(Manifest.parse({ schema: 1, services }));
const configured = (serviceConfig: object): string[] => problems({ web: { exec, serviceConfig } });

test('what a branch usually asks for is within the limits', () => {
  const jobs = { exec, listen: 'none', health: { timeoutSec: 9_999 } };
  const web = { exec, preStart: exec, preStartTimeout: '30min', health: { timeoutSec: 600 } };
  assert.deepEqual(problems({ web, jobs }), []);
  for (const value of ['90s', '90', 90, '5min', '10 min', '0.5'])
    assert.deepEqual(configured({ TimeoutStopSec: value }), []);
  assert.deepEqual(configured({ Nice: 5, OOMScoreAdjust: '500', MemoryMax: '1G' }), []);
});

test('a start nobody could wait for is refused, whatever it is made of', () => {
  const slow = { exec, preStart: exec, preStartTimeout: '10d' };
  assert.deepEqual(problems({ web: slow }), [
    'services: all preStartTimeout and health.timeoutSec together are 864060 s, and may be 3600',
  ]);
  assert.equal(problems({ web: { exec, health: { timeoutSec: 3_601 } } }).length, 1);
  const parts = Object.fromEntries(
    Array.from({ length: 4 }, (_, n) => [`s${n}`, { ...slow, preStartTimeout: '15min' }]),
  );
  assert.equal(problems({ web: { exec }, ...parts }).length, 1);
});

test('more services than a host can ask about together are refused', () => {
  const many = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`s${n}`, { exec, listen: 'none' }]));
  assert.deepEqual(problems({ web: { exec }, ...many }), ['services: there are 33, and may be 32']);
});

test('directives that would be at the cost of others are refused', () => {
  for (const value of ['infinity', 0, '0', '11min', 601, '', '1h', true, '5 s 5 s'])
    assert.equal(configured({ TimeoutStopSec: value }).length, 1, String(value));
  assert.deepEqual(configured({ OOMScoreAdjust: -1000, Nice: '-20' }), [
    'services.web.serviceConfig.OOMScoreAdjust: must be a whole number from 0 on: below, it would be at the cost of others',
    'services.web.serviceConfig.Nice: must be a whole number from 0 on: below, it would be at the cost of others',
  ]);
  for (const value of ['x', '', true, 1.5]) assert.equal(configured({ Nice: value }).length, 1);
});

test('what systemd tells a process cannot be told otherwise', () => {
  const environment = { STATE_DIRECTORY: '/srv', LISTEN_FDS: '1', PORT: '1', LOG_LEVEL: 'info' };
  assert.deepEqual(problems({ web: { exec, environment } }), [
    'services.web.environment.STATE_DIRECTORY: must not be set: it is what systemd tells the process',
    'services.web.environment.LISTEN_FDS: must not be set: it is what systemd tells the process',
  ]);
});
