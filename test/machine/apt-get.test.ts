import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { type Machine, startMachine } from './machine.ts';

let machine: Machine;
before(async () => {
  machine = await startMachine('test-apt-get', { image: 'bookworm' });
});
after(() => machine.stop());

const alone = ['-o', 'Dir::Etc::SourceList=/dev/null', '-o', 'Dir::Etc::SourceParts=/dev/null']; // there is no network
/** Holds a lock as apt does, by fcntl(2), for some seconds. */
const hold = `open(my $file, ">>", $ARGV[0]) or die "$!";
  my $lock = pack("s s x4 q q i x4", 1, 0, 0, 0, 0);
  fcntl($file, 6, $lock) or die "$!";
  $| = 1; print "held\\n"; sleep $ARGV[1]`;

for (const [lock, ...words] of [
  ['/var/lib/apt/lists/lock', 'update'],
  ['/var/lib/dpkg/lock-frontend', 'install', '--yes', 'coreutils'],
] as const) {
  test(`apt-get ${words[0]} waits for whoever holds ${lock}`, async () => {
    const holder = machine.spawn(['perl', '-e', hold, lock, '5']);
    await once(holder.stdout, 'data', { signal: AbortSignal.timeout(20_000) });

    const plain = await machine.exec(['apt-get', ...alone, ...words]);
    const patient = await machine.exec(['/opt/bough/script/lib/apt-get', ...alone, ...words]);

    assert.match(plain.stderr, /E: Could not get lock/);
    assert.equal(patient.exitCode, 0, patient.stderr);
    await holder;
  });
}

test('apt-get does not try again what fails for another reason', async () => {
  const { exitCode, stderr } = await machine.exec(['/opt/bough/script/lib/apt-get', 'install', 'no-such-package'], {
    timeoutMs: 20_000,
  });

  assert.equal(exitCode, 100);
  assert.match(stderr, /Unable to locate package no-such-package/);
});
