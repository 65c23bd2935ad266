// One Debian is enough: in which order sockets and services start is Bough's; that sockets hold requests back is in `switch.test.ts`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { get, install } from '../support/installation.ts';
import { startLoad } from '../support/load.ts';
import { until } from '../support/until.ts';

const replaces = `mkdir -p "$out/share/bough"
printf '{"schema":1,"strategy":"replace","services":{"web":{"exec":["%s/bin/app"]}}}' "$out" > "$out/share/bough/deployment.json"`;
const slow = (text: string) =>
  appFiles({
    text,
    build: replaces,
    server: `import { createServer } from 'node:http';
const server = createServer((_, response) => response.end('${text}'));
setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1'), 4000);
`,
  });

test('clients of a preview that takes 4 s to start wait for its replacement, with the settle and drain times of a host', async (t) => {
  await using bough = await install({ reconcile: {} }, { sleepAfter: '1h' });
  await bough.push('slow', slow('first'));
  await bough.untilServes('slow', 'first', 60_000);
  await bough.untilIdle();
  const load = startLoad('/slow/', { connections: 8, rate: 200 });

  await bough.push('slow', slow('second'));
  await bough.untilServes('slow', 'second', 60_000);
  await bough.untilIdle();

  const { total, failed, text } = await load.stop();
  t.diagnostic(text);
  assert.equal(failed, 0, text);
  assert.ok(total > 100);
});

const alone = (text: string, status: number) =>
  appFiles({
    text,
    build: `mkdir -p "$out/share/bough"
printf '{"schema":1,"strategy":"replace","services":{"web":{"exec":["%s/bin/app"],"health":{"timeoutSec":3}}}}' "$out" > "$out/share/bough/deployment.json"`,
    // Nobody else can have the second port meanwhile: it stands for whatever an app cannot share with itself.
    server: `import { createServer } from 'node:http';
createServer().listen(18181, '127.0.0.1', () =>
  createServer((_, response) => response.writeHead(${status}).end('${text}')).listen(Number(process.env.PORT), '127.0.0.1'));
`,
  });

test('an app that cannot overlap with itself serves again after a release of it that failed', async () => {
  await using bough = await install();
  await bough.push('alone', alone('first', 200));
  await bough.untilServes('alone', 'first');
  await bough.untilIdle();

  await bough.push('alone', alone('second', 500));
  await until(
    'it failed',
    async () =>
      (await bough.reconciles.getFailed()).find(({ failedReason }) => failedReason?.includes('still answered 500')),
    60_000,
  );
  await bough.untilIdle();

  assert.equal((await get('/alone/')).body, 'first');
});
