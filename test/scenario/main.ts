// node main.ts before|after SETTINGS STATE: what Bough does for its users, from push to reboot, on a host where it is installed with
// a project `scenario`. `before` ends with what `after` has to find again once the host was started anew. Black box: the webhook,
// `bough --json`, systemctl and HTTP. The Node of the host is enough. Prints one line of JSON; fails at the first difference.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { appFiles } from './app.ts';
import { openForge } from './forge.ts';
import type { Expected, Settings } from './settings.ts';
import { until, visit, visitedWhile } from './visit.ts';

const [phase, settingsFile = '', stateFile = ''] = process.argv.slice(2);
const settings: Settings = JSON.parse(readFileSync(settingsFile, 'utf8'));
const forge = openForge(settings);
const pageOf = (branch: string) => `${settings.url}/${branch}/`;
const untilServes = (branch: string, text: string) =>
  until(`${branch} serves ${text}`, async () => (await visit(pageOf(branch))).text === text);
const push = async (branch: string, text: string) => await forge.push(branch, appFiles(text, settings), text);
const bough = (...words: string[]) => JSON.parse(execFileSync('bough', [...words, '--json'], { encoding: 'utf8' }));

const report = phase === 'before' ? await before() : phase === 'after' ? await after() : assert.fail('before or after');
process.stdout.write(`${JSON.stringify(report)}\n`);

async function before(): Promise<object> {
  forge.create();
  await push('main', 'main one');
  await push('preview', 'preview one');
  await push('gone', 'gone one');
  for (const branch of ['main', 'preview', 'gone']) await untilServes(branch, `${branch} one`);

  const load = await visitedWhile(pageOf('main'), async () => {
    await push('main', 'main two');
    await untilServes('main', 'main two');
    await until('the release before is stopped', () =>
      unitsOf('main').every((unit) => !unit.includes('--r1-web.service')),
    );
  });
  assert.deepEqual(load.lost, [], 'a switch loses no request');

  bough('rollback', 'scenario', 'main');
  await untilServes('main', 'main one');
  bough('unpin', 'scenario', 'main');
  await untilServes('main', 'main two');

  await forge.remove('gone');
  await until('the deleted branch is not there', async () => (await visit(pageOf('gone'))).status === 404);
  await until('no unit of it is left', () => unitsOf('gone').length === 0);

  const expected: Expected = {
    live: {
      main: { text: 'main two', release: servingOf('main') },
      preview: { text: 'preview one', release: servingOf('preview') },
    },
    gone: ['gone'],
  };
  writeFileSync(stateFile, JSON.stringify(expected));
  return { ...expected, visits: load.visits };
}

async function after(): Promise<object> {
  const { live, gone }: Expected = JSON.parse(readFileSync(stateFile, 'utf8'));
  for (const [branch, { text, release }] of Object.entries(live)) {
    await untilServes(branch, text);
    assert.equal(servingOf(branch), release, `${branch} is back as it was, and was not built again`);
  }
  for (const branch of gone) {
    assert.equal((await visit(pageOf(branch))).status, 404);
    assert.deepEqual(unitsOf(branch), []);
  }

  const text = `preview of ${new Date().toISOString()}`;
  forge.commit('preview', appFiles(text, settings), 'nobody is told of this');
  await untilServes('preview', text);
  const preview = { text, release: servingOf('preview') };
  writeFileSync(stateFile, JSON.stringify({ live: { ...live, preview }, gone })); // it may be done again
  return { back: Object.keys(live), healed: preview };
}

/** The release of a branch that requests are led to. */
function servingOf(branch: string): number {
  const [found] = bough('status', 'scenario', branch).deployments;
  return found.serving;
}

/** The units of a branch that run, fail or wait. */
function unitsOf(branch: string): string[] {
  const argv = ['list-units', '--plain', '--no-legend', '--state=active,activating,deactivating,failed'];
  const units = execFileSync('systemctl', [...argv, `bough-scenario--${branch}--*`], { encoding: 'utf8' });
  return units.split('\n').flatMap((line) => line.split(' ')[0] || []);
}
