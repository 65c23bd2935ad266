import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Layout, layoutOf } from '@bough/core/layout.ts';
import { parseBootRecord, renderBootRecord } from '@bough/core/state/boot-record.ts';

const script = join(import.meta.dirname, '../../boot/restore.sh');
const id = { project: 'demo', slug: 'feature-x' };
const unit = (end: string, seq = 3) => `bough-demo--feature-x--r${seq}-${end}`;
const good = renderBootRecord({
  seq: 3,
  units: [unit('web--proxy.service'), unit('web.service'), unit('web.socket')],
  starts: new Set([unit('web.service'), unit('web.socket')]),
});

test('links all units of a record, leads web.sock to the release, and starts sockets before processes', (t) => {
  const host = scene(t);
  host.record(id, good);

  host.restore();

  for (const name of ['web--proxy.service', 'web.service', 'web.socket'])
    assert.equal(readlinkSync(host.layout.unitLink(unit(name))), host.layout.unitFile(unit(name)));
  assert.equal(readlinkSync(host.layout.currentSocket(id)), 'r3-web.sock');
  assert.deepEqual(host.calls(), [
    `--no-ask-password --no-block start -- ${unit('web.socket')}`,
    `--no-ask-password --no-block start -- ${unit('web.service')}`,
  ]);
});

test('in the user scope it speaks to the manager of the user', (t) => {
  const host = scene(t);
  host.record(id, good);

  host.restore('user');

  assert.match(host.calls()[0] ?? '', /^--user /);
});

test('run again it changes nothing, and without records it does nothing', (t) => {
  const host = scene(t);
  host.restore();
  assert.deepEqual(host.calls(), []);
  host.record(id, good);
  host.restore();
  rmSync(host.layout.currentSocket(id));
  symlinkSync('r4-web.sock', host.layout.currentSocket(id)); // a switch since

  host.restore();

  assert.equal(readlinkSync(host.layout.currentSocket(id)), 'r4-web.sock');
});

test('a record it cannot believe is skipped and told, and the others are brought back', (t) => {
  const host = scene(t);
  host.record(id, good);
  const bad = { project: 'demo', slug: 'main' };
  host.record(bad, good);

  const output = host.restore('system', 1);

  assert.match(output, /<4>.+\/boot\/demo--main is skipped: line 2 is not ours/);
  assert.match(output, /<6>1 deployments are brought back/);
  assert.ok(!existsSync(host.layout.sockets(bad)));
});

test('a record is skipped when a unit is missing, or when something else lies in its place', (t) => {
  const host = scene(t);
  host.record(id, good);
  symlinkSync('/dev/null', host.layout.unitLink(unit('web.service')));
  assert.match(host.restore('system', 1), /something else lies where \S+-web\.service is linked/);
  assert.equal(readlinkSync(host.layout.unitLink(unit('web.service'))), '/dev/null');

  rmSync(host.layout.unitFile(unit('web.service')));

  assert.match(host.restore('system', 1), /r3-web\.service is missing/);
  assert.deepEqual(host.calls(), []);
  assert.ok(lstatSync(host.layout.unitDir).isDirectory());
});

const line = (text: string) => good.replace('serve', `${text}\nserve`);
for (const [what, text] of Object.entries({
  'the record as it is': good,
  'no line': '',
  'another version': good.replace('boot 1', 'boot 2'),
  'no end': good.slice(0, -1),
  'no socket': good.replace(/serve.*\n/, ''),
  'a line after the socket': `${good}link ${unit('jobs.service')}\n`,
  'an empty line': line(''),
  'no unit': 'bough-boot 1\nserve r3-web.sock\n',
  'a unit twice': line(`link ${unit('web.socket')}`),
  'a further unit': line(`link ${unit('jobs.service')}`),
  'a timer': line(`start ${unit('jobs.timer')}`),
  'a setup': line(`link ${unit('web--setup.service')}`),
  'the unit of another release': line(`link ${unit('jobs.service', 4)}`),
  'the socket of another release': good.replace('serve r3', 'serve r4'),
  'another socket': good.replace('serve r3-web', 'serve r3-api'),
  'the unit of another deployment': line('link bough-demo--feature--r3-web.service'),
  'a unit of the system': line('start ssh.service'),
  'a unit with a path': line(`link ${unit('../../x.service')}`),
  'a unit with a space': line(`link ${unit('web x.service')}`),
  'a unit with a pattern': line(`link ${unit('*.service')}`),
  'a unit with two dashes': line(`link ${unit('a--b.service')}`),
  'a unit of another kind': line(`link ${unit('web.mount')}`),
  'a number with a zero before': line('link bough-demo--feature-x--r03-jobs.service'),
  'an option': line('link --now'),
  'another verb': line(`stop ${unit('jobs.service')}`),
  'a carriage return': good.replace('\n', '\r\n'),
  'a backslash': line(`link ${unit('we\\b.service')}`),
  'a variable': line(`link ${unit('$HOME.service')}`),
})) {
  test(`the script and the parser judge alike: ${what}`, (t) => {
    const host = scene(t);
    host.record(id, text);
    for (const name of ['jobs.service', 'jobs.timer', 'web--setup.service']) host.unit(unit(name));

    const isOurs = parseBootRecord(id, text) !== null;
    host.restore('system', isOurs ? 0 : 1);

    assert.equal(existsSync(host.layout.sockets(id)), isOurs);
    if (!isOurs) assert.deepEqual(host.calls(), []);
  });
}

/** Folders with spaces in their names, and a systemctl that notes what it is told. */
function scene(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'bough restore-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const layout: Layout = layoutOf({
    stateDir: `${folder}/state`,
    runtimeDir: `${folder}/run`,
    unitDir: `${folder}/units`,
  });
  for (const path of [layout.units, layout.bootRecords, layout.unitDir, `${folder}/bin`])
    mkdirSync(path, { recursive: true });
  writeFileSync(`${folder}/bin/systemctl`, `#!/bin/sh\necho "$*" >>"${folder}/calls"\n`);
  chmodSync(`${folder}/bin/systemctl`, 0o755);
  const write = (name: string) => writeFileSync(layout.unitFile(name), '[Unit]\n');
  return {
    layout,
    unit: write,
    record(of: typeof id, text: string) {
      writeFileSync(layout.bootRecord(of), text);
      for (const name of ['web--proxy.service', 'web.service', 'web.socket']) write(unit(name));
    },
    calls: () => (existsSync(`${folder}/calls`) ? readFileSync(`${folder}/calls`, 'utf8').trim().split('\n') : []),
    restore(scope = 'system', expected = 0): string {
      const env = { PATH: `${folder}/bin:${process.env['PATH']}` };
      const argv = [script, scope, layout.stateDir, layout.runtimeDir, layout.unitDir];
      try {
        const output = execFileSync('/bin/sh', argv, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
        assert.equal(expected, 0, output);
        return output;
      } catch (error) {
        if (!(error instanceof Error) || !('status' in error) || !('stdout' in error)) throw error;
        assert.equal(error.status, expected, String(error.stdout));
        return String(error.stdout);
      }
    },
  };
}
