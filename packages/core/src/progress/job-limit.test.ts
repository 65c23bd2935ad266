import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Config } from '../config/config.ts';
import { jobLimitSec } from './job-limit.ts';

const day = 86_400;
const kinds = ['build', 'reconcile', 'sweep', 'rollback', 'gc'];

/** A configuration with settings put over the usual. */
function configOf(settings: object, ofProject: object = {}): Config {
  return Config.parse({
    board: { passwordFile: '/etc/bough/board' },
    projects: {
      quick: { remote: '/srv/quick.git', url: 'http://quick.example.org' },
      demo: { remote: '/srv/demo.git', url: 'http://demo.example.org', ...ofProject },
    },
    ...settings,
  });
}

for (const [name, config] of [
  ['build.fetchTimeoutSec', configOf({ build: { fetchTimeoutSec: day } })],
  ['reconcile.settleSec', configOf({ reconcile: { settleSec: day } })],
  ['reconcile.drainSec', configOf({ reconcile: { drainSec: day } })],
  ['reconcile.stopTimeoutSec', configOf({ reconcile: { stopTimeoutSec: day } })],
  ['projects.demo.health.timeoutSec', configOf({}, { health: { timeoutSec: day } })],
  ['projects.demo.health.intervalSec', configOf({}, { health: { intervalSec: day } })],
] as const)
  test(`a job that waits as long as ${name} lets it, after another that did, is within its limit`, () => {
    for (const kind of kinds) assert.ok(jobLimitSec(config, kind) > 2 * day, kind);
  });

test('a build has time for its evaluation and all of the longest build besides', () => {
  const config = configOf({ build: { evalTimeoutSec: day, timeoutSec: 2 * day } });

  assert.ok(jobLimitSec(config, 'build') > 3 * day);
});

test('with the usual settings a job that hangs is found within hours', () => {
  const config = configOf({});

  assert.deepEqual(
    kinds.map((kind) => Math.ceil(jobLimitSec(config, kind) / 3_600)),
    [6, 3, 3, 3, 8],
  );
});
