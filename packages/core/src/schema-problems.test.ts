import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaProblems } from './schema-problems.ts';
import { Manifest } from './state/manifest.ts';
import { allowedDirectives } from './state/service-config.ts';

const program = '/nix/store/00000000000000000000000000000000-app/bin/app';

function problemsOf(web: object, more: object = {}): string[] {
  const result = Manifest.safeParse({ schema: 1, services: { web: { exec: [program], ...web } }, ...more });
  return result.success ? [] : schemaProblems(result.error);
}

test('a field that is wrong is named with what it must be', () => {
  assert.deepEqual(problemsOf({ sleepAfter: '3 hours', preStartTimeout: '5 minutes', exec: ['sh'] }), [
    'services.web.exec.0: must be a store path',
    'services.web.preStartTimeout: must be a span of time such as 90s, 30min, 12h or 7d',
    'services.web.sleepAfter: must be a span of time such as 90s, 30min, 12h or 7d',
  ]);
});

test('a refused directive is named with those that are allowed', () => {
  assert.deepEqual(problemsOf({ serviceConfig: { User: 'root' } }), [
    `services.web.serviceConfig.User: User is not allowed here; allowed are ${allowedDirectives.join(', ')}`,
  ]);
});

test('a value of no right type is told all types it may have', () => {
  assert.deepEqual(problemsOf({ serviceConfig: { Nice: [] }, sleepAfter: true }), [
    'services.web.sleepAfter: expected never or number or string',
    'services.web.serviceConfig.Nice: expected string or number or boolean',
  ]);
});

test('an unknown field is named where it stands', () => {
  assert.deepEqual(problemsOf({ lisen: 'port' }, { srategy: 'replace' }), [
    'services.web: Unrecognized key: "lisen"',
    '(top level): Unrecognized key: "srategy"',
  ]);
});
