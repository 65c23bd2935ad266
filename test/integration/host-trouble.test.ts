// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { AppError } from '@bough/core/app-error.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { newDeployment } from '@bough/core/state/deployment.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { toJobFailure } from '../../apps/worker/src/job-failure.ts';

const exec = promisify(execFile);
const stateDir = '/var/lib/bough-test-trouble';
const layout = layoutOf({ stateDir, runtimeDir: '/run/bough-test-trouble', unitDir: '/run/systemd/system' });
const store = createDeploymentStore(layout);
const id = { project: 'demo', slug: 'main' };
const file = layout.deploymentFile(id);

before(async () => {
  await mkdir(stateDir, { recursive: true });
  await exec('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', stateDir]);
  await store.write(newDeployment(id, 'main'));
});
after(async () => {
  await exec('umount', ['--lazy', stateDir]);
  await rm(stateDir, { recursive: true });
});

/** Fails as the host's trouble: to be tried again, said whole, with what was recorded before untouched. */
async function failsAs(code: string, message: RegExp): Promise<void> {
  const recorded = await readFile(file, 'utf8');
  await assert.rejects(store.write({ ...newDeployment(id, 'main'), lastSeq: 1 }), (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.equal(error.action, 'retry');
    assert.notEqual(toJobFailure(error).name, 'UnrecoverableError', 'its job is tried again');
    return true;
  });
  assert.equal(await readFile(file, 'utf8'), recorded);
  assert.ok(!existsSync(`${layout.deployment(id)}/.deployment.json.tmp`));
}

test('a full disk under the state folder is DISK_FULL, names the file, and leaves what was recorded whole', async () => {
  await assert.rejects(writeFile(`${stateDir}/filler`, Buffer.alloc(1 << 20)), /ENOSPC/);

  await failsAs(
    'DISK_FULL',
    /^cannot (write|open) \/var\/lib\/bough-test-trouble\/deployments\/demo\/main\/deployment\.json: the disk is full; free space$/,
  );

  await rm(`${stateDir}/filler`);
  await store.write({ ...newDeployment(id, 'main'), lastSeq: 1 });
  assert.equal((await store.read(id))?.lastSeq, 1);
});

test('a file system that became read-only is HOST_FILES and says so', async () => {
  await exec('mount', ['-o', 'remount,ro', stateDir]);

  await failsAs(
    'HOST_FILES',
    /^cannot open \/var\/lib\/bough-test-trouble\/deployments\/demo\/main\/deployment\.json: its file system is read-only; look for errors of the disk in the journal$/,
  );

  await exec('mount', ['-o', 'remount,rw', stateDir]);
  await store.write({ ...newDeployment(id, 'main'), lastSeq: 2 });
  assert.equal((await store.read(id))?.lastSeq, 2);
});

test('a worker with no file descriptor left says how to get more', async () => {
  const program = `
    import { openSync } from 'node:fs';
    import { writeFileAtomically } from ${JSON.stringify(import.meta.resolve('@bough/host/write-file-atomically.ts'))};
    try { for (;;) openSync('/dev/null'); } catch { /* all are taken */ }
    try { await writeFileAtomically('${stateDir}/many', ''); } catch (error) { process._rawDebug(error.code + ': ' + error.message); }`;

  const { stderr } = await exec('prlimit', [
    '--nofile=60:60',
    process.execPath,
    '--input-type=module',
    '--eval',
    program,
  ]);

  assert.equal(
    stderr.trim(),
    `HOST_FILES: cannot open ${stateDir}/many: too many files are open; raise LimitNOFILE of the unit`,
  );
});
