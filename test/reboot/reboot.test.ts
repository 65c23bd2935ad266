import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMachine } from '../machine/machine.ts';

const node = '/opt/node/bin/node';
const inside = '/opt/bough/test/reboot/inside';

interface Looked {
  readonly answers: readonly { slug: string; direct: string; ms: number; throughCaddy: string }[];
  readonly runningBefore: readonly string[];
  readonly askedMs: number;
  readonly listeningMs: number;
  readonly restoreMs: number;
  readonly hanging: string;
  readonly gone: number;
}

// What comes back is the same number of files on both: one of many, and one of each kind.
for (const { image, count } of [
  { image: 'trixie', count: 20 },
  { image: 'bookworm', count: 8 },
] as const) {
  test(`on ${image} the sockets of ${count} branches listen within 5 s of a reboot, and all answer, without Redis and without Node of ours`, async (t) => {
    await using machine = await startMachine(`test-reboot-${image}`, { image });
    const prepared = await machine.run([node, `${inside}/prepare.ts`, String(count)], { timeoutMs: 240_000 });
    const { slugs, awake }: { slugs: string[]; awake: string[] } = JSON.parse(prepared.trim().split('\n').at(-1) ?? '');
    assert.equal(slugs.length, count);

    await machine.reboot();

    const looked: Looked = JSON.parse(await machine.run([node, `${inside}/look.ts`, JSON.stringify({ slugs, awake })]));
    const slowestOf = (some: readonly string[]) =>
      Math.max(...looked.answers.filter(({ slug }) => some.includes(slug)).map(({ ms }) => ms));
    t.diagnostic(
      `bough-restore took ${Math.round(looked.restoreMs)} ms; after systemd was up the last socket listened at ` +
        `${Math.round(looked.listeningMs)} ms, was asked at ${Math.round(looked.askedMs)} ms, the last branch that does ` +
        `not sleep answered at ${Math.round(slowestOf(awake))} ms, the last of all at ${Math.round(slowestOf(slugs))} ms`,
    );
    for (const { slug, direct, throughCaddy } of looked.answers) {
      const text = slug === 'main' ? 'main again from release 2 of main' : 'from release 1 of preview/';
      assert.ok(direct.includes(text), `${slug}: ${direct}`);
      assert.equal(throughCaddy, direct);
    }
    assert.ok(looked.listeningMs <= 5_000, `the last socket listened ${looked.listeningMs} ms after systemd was up`);
    assert.deepEqual(looked.runningBefore.toSorted(), awake.toSorted(), 'processes before the first request');
    assert.equal(looked.hanging, '', 'what answers is up for systemd too');
    assert.equal(looked.gone, 404, 'a branch that was deleted stays away');
    for (const unit of ['bough-worker', 'bough-redis', 'bough-receiver'])
      assert.equal((await machine.exec(['systemctl', 'is-active', `${unit}.service`])).stdout, 'inactive');

    // The worker finds nothing to heal but the pages of those that sleep: what is back is what it would have made.
    await machine.run(['systemctl', 'start', 'bough-redis.service', 'bough-worker.service']);
    const swept = await sweepOf(machine);
    const sleeping = slugs.filter((slug) => !awake.includes(slug));
    const pages = sleeping.map((slug) => `the status page of demo--${slug} is written anew`);
    assert.deepEqual(swept.findings.toSorted(), pages.toSorted());
  });
}

test('the sockets of 200 sleeping branches listen within 5 s of a reboot, and none has a process', async (t) => {
  await using machine = await startMachine('test-reboot-many', { image: 'trixie' });
  await machine.run(['sh', '-c', manyDeployments]);

  await machine.reboot();

  const times = await machine.run(['sh', '-c', lookAtMany]);
  const [up = 0, restored = 0, ...listening] = times.split('\n').map((microseconds) => Number(microseconds) / 1000);
  const last = Math.max(...listening) - up;
  t.diagnostic(
    `bough-restore took ${Math.round(restored)} ms, the last socket listened ${Math.round(last)} ms after systemd was up`,
  );
  assert.equal(listening.length, 200);
  assert.ok(Math.min(...listening) > 0 && last <= 5_000);
  const running = await machine.run(['systemctl', 'list-units', '--state=running', '--no-legend', 'bough-*.service']);
  assert.equal(running, '');
  for (const number of [1, 100, 200]) {
    const socket = `/run/bough/demo/b${number}/web.sock`;
    assert.equal(await machine.run([node, '--input-type=module', '--eval', askOnce, socket]), `hello from ${number}`);
  }
});

test('the systemd of a user brings a deployment back too', async () => {
  await using machine = await startMachine('test-reboot-user', { image: 'trixie' });
  await machine.run(['sh', '-c', userInstallation], { user: 'dev' });

  await machine.reboot();

  const socket = '/run/user/1000/bough/demo/main/web.sock';
  const answer = await machine.run([node, '--input-type=module', '--eval', askOnce, socket], { user: 'dev' });
  assert.equal(answer, 'hello from socket 3');
  const state = await machine.run(['systemctl', '--user', 'is-active', 'bough-restore.service'], { user: 'dev' });
  assert.equal(state, 'active');
});

/** What the first sweep of the worker found, from its log. */
async function sweepOf(machine: Awaited<ReturnType<typeof startMachine>>): Promise<{ findings: string[] }> {
  const wait = `for i in $(seq 200); do
    line=$(journalctl --boot --unit bough-worker.service --output cat | grep '"kind":"sweep".*"msg":"job done"') && break
    sleep 0.1
  done; printf '%s' "$line" | head -n 1`;
  return JSON.parse(await machine.run(['sh', '-c', wait])).outcome;
}

const askOnce = `import { connect } from 'node:net';
connect(process.argv[1]).pipe(process.stdout);`;

// 200 deployments as the worker leaves them, without having built them. Each has a process that would take the socket.
const manyDeployments = `set -eu
state=/var/lib/bough units=/var/lib/bough/units
mkdir -p "$units" "$state/boot" /etc/bough
printf secret > /etc/bough/secret
for i in $(seq 200); do
  unit=bough-demo--b$i--r1-web
  printf '[Socket]\nListenStream=/run/bough/demo/b%s/r1-web.sock\n' "$i" > "$units/$unit.socket"
  printf '[Service]\nExecStart=${node} -e "%s"\n' \
    "require('net').createServer((c) => c.end('hello from $i')).listen({ fd: 3 })" > "$units/$unit.service"
  printf '%s\n' 'bough-boot 1' "link $unit.service" "start $unit.socket" 'serve r1-web.sock' > "$state/boot/demo--b$i"
done
${node} /opt/bough/script/lib/write-stack.ts <<JSON
{ "config": {
    "board": { "passwordFile": "/etc/bough/secret" },
    "projects": { "demo": { "remote": "/srv/none", "webhookSecretFiles": ["/etc/bough/secret"], "url": "http://localhost:8080" } }
  } }
JSON
systemctl daemon-reload
systemctl enable bough-restore.service
`;

const lookAtMany = `set -eu
show() { systemctl show --value "$@"; }
show --property=FinishTimestampMonotonic
start=$(show --property=ExecMainStartTimestampMonotonic bough-restore.service)
end=$(show --property=ExecMainExitTimestampMonotonic bough-restore.service)
echo $((end - start))
set --
for i in $(seq 200); do set -- "$@" "bough-demo--b$i--r1-web.socket"; done
show --property=ActiveEnterTimestampMonotonic "$@" | grep .`;

// A deployment as the worker leaves it, without the worker: one release whose socket starts an answer for each connection.
const userInstallation = `set -eu
state=$HOME/.local/state/bough units=$HOME/.local/state/bough/units folder=$HOME/.config/bough
mkdir -p "$units" "$state/boot" "$folder" "$HOME/.config/systemd/user"
printf secret > "$folder/secret"
printf '[Socket]\\nListenStream=%%t/bough/demo/main/r3-web.sock\\nAccept=yes\\n' > "$units/bough-demo--main--r3-web.socket"
printf '[Service]\\nExecStart=/bin/echo -n hello from socket 3\\nStandardOutput=socket\\n' > "$units/bough-demo--main--r3-web@.service"
ln -s "$units/bough-demo--main--r3-web@.service" "$HOME/.config/systemd/user/"
printf '%s\\n' 'bough-boot 1' 'start bough-demo--main--r3-web.socket' 'serve r3-web.sock' > "$state/boot/demo--main"
${node} /opt/bough/script/lib/write-stack.ts <<JSON
{ "config": {
    "scope": "user", "stateDir": "$state", "runtimeDir": "/run/user/1000/bough", "unitDir": "/run/user/1000/systemd/user",
    "redis": { "url": "unix:///run/user/1000/bough/redis.sock" }, "board": { "passwordFile": "$folder/secret" },
    "projects": { "demo": { "remote": "/srv/none", "webhookSecretFiles": ["$folder/secret"], "url": "http://localhost:8080" } }
  }, "runtimeRoot": "/run/user/1000" }
JSON
export XDG_RUNTIME_DIR=/run/user/1000
systemctl --user daemon-reload
systemctl --user enable bough-restore.service
`;
