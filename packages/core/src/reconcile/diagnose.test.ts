import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aUnit } from '../../../../test/support/model.ts';
import { diagnose, diagnoseSetup } from './diagnose.ts';

const web = 'bough-demo--main--r2-web.service';
const ended = (exitStatus: number, exitKind = 1) =>
  aUnit(web, { active: 'failed', sub: 'failed', result: 'exit-code', exitKind, exitStatus });

test('a process that is up has nothing wrong with it', () => {
  assert.equal(diagnose(aUnit(web)), null);
});

test('what keeps systemd from running a program is told from what the program did, and whose fault it is', () => {
  const codes: [number, string][] = [
    [3, 'APP_EXITED'],
    [203, 'APP_START'], // EXEC
    [205, 'APP_START'], // LIMITS: LimitNOFILE of the manifest
    [243, 'APP_CREDENTIALS'],
    [200, 'HOST_START'], // CHDIR
    [217, 'HOST_START'], // USER
    [226, 'HOST_START'], // NAMESPACE
    [238, 'HOST_START'], // STATE_DIRECTORY
    [255, 'APP_EXITED'], // none of systemd's: what a program ends with that returns -1
    [223, 'APP_EXITED'],
  ];

  for (const [status, code] of codes) assert.equal(diagnose(ended(status))?.code, code, String(status));
});

test('a process that is being started again has ended before, though systemd tells of its new run alone', () => {
  const starting = { active: 'activating', sub: 'start', mainPid: 7, exitKind: 0, exitStatus: 0 };

  assert.deepEqual(diagnose(aUnit(web, { ...starting, restarts: 1 })), {
    code: 'APP_EXITED',
    what: 'the process ended and is being started again',
  });
  assert.equal(diagnose(aUnit(web, starting))?.code, 'APP_START');
  assert.equal(diagnose(aUnit(web, { ...starting, restarts: 1, result: 'timeout' }))?.code, 'APP_NEVER_LISTENED');
  const between = { ...ended(3), active: 'activating', sub: 'auto-restart', restarts: 1 };
  assert.equal(diagnose(between)?.what, 'the process ended with status 3');
});

test('the sentence names the status as systemd does', () => {
  assert.equal(diagnose(ended(226))?.what, 'systemd could not set its process up (226/NAMESPACE)');
  assert.equal(diagnose(ended(255))?.what, 'the process ended with status 255');
});

test('a unit that a person masked, removed or stopped meanwhile says nothing against its release', () => {
  const stopped = { active: 'inactive', sub: 'dead', result: 'success', exitKind: 2, exitStatus: 15 };

  assert.equal(diagnose(aUnit(web, { load: 'masked', active: 'inactive' }))?.code, 'RELEASE_BLOCKED');
  assert.equal(diagnose(aUnit(web, { load: 'not-found', active: 'inactive' }))?.code, 'HOST_START');
  assert.equal(diagnose(aUnit(web, stopped))?.code, 'HOST_START');
  assert.equal(diagnose(aUnit(web, { ...stopped, exitKind: 1, exitStatus: 0 }))?.code, 'HOST_START'); // its own handler of SIGTERM
  assert.equal(diagnose(aUnit(web, { ...stopped, exitKind: 0, exitStatus: 0 }))?.code, 'HOST_START'); // before it ran
  const stopping = { active: 'deactivating', sub: 'stop-sigterm', result: 'success', exitKind: 0, exitStatus: 0 };
  assert.equal(diagnose(aUnit(web, stopping))?.code, 'HOST_START');
  assert.equal(diagnose(aUnit(web, { ...stopping, result: 'signal' }))?.code, 'HOST_START'); // what waits for its port has ended
  assert.equal(diagnose(aUnit(web, { ...stopping, exitKind: 2, exitStatus: 15 }))?.code, 'HOST_START'); // and this goes on
  assert.equal(diagnose(aUnit(web, { ...stopping, exitKind: 1 }))?.code, 'HOST_START'); // by its own handler of SIGTERM
  assert.equal(diagnose({ ...ended(0), result: 'signal' })?.code, 'HOST_START');
  const byItself = { ...stopping, exitKind: 1, result: 'exit-code' };
  assert.equal(diagnose(aUnit(web, byItself))?.code, 'APP_EXITED');
  assert.equal(diagnose(aUnit(web, { ...byItself, exitStatus: 3 }))?.code, 'APP_EXITED');
  assert.equal(diagnose(aUnit(web, { ...stopping, result: 'exit-code' }))?.code, 'APP_START');
  assert.equal(diagnose({ ...ended(15, 2), result: 'signal' })?.code, 'HOST_START'); // while it was starting
  assert.equal(diagnose({ ...ended(15, 2), result: 'exit-code' })?.code, 'APP_NEVER_LISTENED');
});

test('a preStart fails its release for what it did, and not for what the host could not do', () => {
  assert.deepEqual(diagnoseSetup(ended(9)), { code: 'APP_SETUP', what: 'preStart ended with status 9' });
  assert.deepEqual(diagnoseSetup(ended(9, 2)), { code: 'APP_SETUP', what: 'preStart was ended by signal 9' });
  assert.deepEqual(diagnoseSetup({ ...ended(15, 2), result: 'timeout' }), {
    code: 'APP_SETUP',
    what: 'preStart took longer than its limit',
  });
  assert.equal(diagnoseSetup(ended(238)).code, 'HOST_START');
});
