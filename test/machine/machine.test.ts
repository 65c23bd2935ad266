import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { type Machine, type MachineImage, startMachine } from './machine.ts';

const images: MachineImage[] = ['bookworm', 'trixie'];

for (const image of images) {
  describe(`a machine of ${image}`, { concurrency: false }, () => {
    let machine: Machine;
    before(async () => {
      machine = await startMachine(`self-test-${image}`, { image });
    });
    after(() => machine.stop());

    /** Runs a transient service with the properties given, and returns what it wrote. */
    const service = (properties: string[], ...argv: string[]) =>
      machine.run(['systemd-run', '--quiet', '--pipe', '--wait', ...properties.flatMap((one) => ['-p', one]), ...argv]);

    test('is up with no unit failed', async () => {
      assert.equal(await machine.run(['systemctl', 'is-system-running']), 'running');
    });

    test('has the versions it is there for', async () => {
      const versions = await machine.run([
        'sh',
        '-c',
        'nix --version; systemctl --version | head -n 1; redis-server --version; node --version',
      ]);

      const expected =
        image === 'trixie' ? [/Nix\) 2\.26/, /systemd 257/, /v=8\./] : [/Nix\) 2\.8/, /systemd 252/, /v=7\.0/];
      for (const version of [...expected, /^v24\./m]) assert.match(versions, version);
    });

    test('passes input, environment, output and exit code on', async () => {
      const argv = ['sh', '-c', 'tr a-z A-Z; echo "$GREETING" >&2; exit 7'];
      const result = await machine.exec(argv, { input: 'abc', env: { GREETING: 'good "day"' } });

      assert.deepEqual(result, { stdout: 'ABC', stderr: 'good "day"', exitCode: 7 });
    });

    test('lets no environment of the host in', async () => {
      process.env['OF_THE_HOST'] = 'yes';
      assert.doesNotMatch(await machine.run(['env']), /OF_THE_HOST/);
    });

    test('hands a kill on to the command inside', async () => {
      const command = machine.spawn([
        'sh',
        '-c',
        'trap "echo told >/root/told; exit" TERM; echo ready; while :; do sleep 0.05; done',
      ]);
      await once(command.stdout, 'data');
      command.kill('SIGTERM');

      await machine.run(['sh', '-c', 'until grep told /root/told; do sleep 0.05; done'], { timeoutMs: 10_000 });
    });

    test('throws when a command takes too long', async () => {
      await assert.rejects(machine.exec(['sleep', '60'], { timeoutMs: 200 }), /timed out/);
    });

    for (const user of ['root', 'dev']) {
      test(`builds with Nix for ${user}, by a build user of the daemon`, async () => {
        const expression = `derivation {
          name = "built-for-${user}"; system = builtins.currentSystem; builder = "/bin/sh";
          args = [ "-c" "/usr/bin/id -un > $out" ];
        }`;
        const path = await machine.run(['nix-build', '--no-out-link', '--expr', expression], {
          user,
          env: { NIX_REMOTE: 'daemon' },
        });

        assert.match(await machine.run(['cat', path]), /^nixbld\d+$/);
      });
    }

    test('gives the user dev a manager of its own', async () => {
      const argv = ['systemd-run', '--user', '--quiet', '--pipe', '--wait', 'id', '-un'];
      assert.equal(await machine.run(argv, { user: 'dev' }), 'dev');
    });

    test('runs a sandboxed service with a credential and a state folder', async () => {
      await machine.run(['sh', '-c', 'umask 077; echo secret >/root/credential']);
      const properties = [
        'DynamicUser=yes',
        'ProtectSystem=strict',
        'PrivateTmp=yes',
        'StateDirectory=kept',
        'LoadCredential=key:/root/credential',
      ];
      const script = 'cat $CREDENTIALS_DIRECTORY/key | tee $STATE_DIRECTORY/copy; touch /usr/touched || echo strict';

      assert.equal(await service(properties, 'sh', '-c', script), 'secret\nstrict');
    });

    test('activates a service by its socket, through systemd-socket-proxyd', async () => {
      const answer = `require('node:http').createServer((_, response) => response.end('woken')).listen('/run/app.sock')`;
      await machine.run(['systemd-run', '--unit=app', '/opt/node/bin/node', '-e', answer]);
      await machine.run(['sh', '-c', 'until [ -S /run/app.sock ]; do sleep 0.02; done']);
      await machine.run([
        'systemd-run',
        '--unit=front',
        '--socket-property=ListenStream=/run/front.sock',
        '/usr/lib/systemd/systemd-socket-proxyd',
        '/run/app.sock',
      ]);

      assert.equal(await machine.run(['curl', '-sS', '--unix-socket', '/run/front.sock', 'http://app/']), 'woken');
      assert.match(await machine.run(['journalctl', '--unit=front', '--output=cat']), /Started/);
    });

    test('has a network of its own and leaves the kernel settings of the host alone', async () => {
      assert.deepEqual((await machine.run(['ls', '/sys/class/net'])).split('\n'), ['lo']);
      assert.match(await machine.run(['ip', '-brief', 'address', 'show', 'lo']), /127\.0\.0\.1/);
      assert.notEqual((await machine.exec(['sh', '-c', 'echo 1 >/proc/sys/kernel/panic'])).exitCode, 0);
    });

    test('reboots to the same disk as another boot', async () => {
      const boot = await machine.run(['cat', '/proc/sys/kernel/random/boot_id']);
      await machine.run(['sh', '-c', 'echo kept >/root/kept; echo lost >/run/lost']);
      const running = machine.spawn(['sleep', '600']);

      await machine.reboot();

      assert.equal((await running).failed, true);
      assert.equal(await machine.run(['cat', '/root/kept']), 'kept');
      assert.notEqual((await machine.exec(['cat', '/run/lost'])).exitCode, 0);
      assert.notEqual(await machine.run(['cat', '/proc/sys/kernel/random/boot_id']), boot);
      await machine.run(['nix-store', '--verify', '--check-contents']);
    });

    test('can be stopped twice and then runs nothing', async () => {
      await machine.stop();
      await machine.stop();
      assert.notEqual((await machine.exec(['true'])).exitCode, 0);
    });
  });
}
