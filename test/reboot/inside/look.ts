// Inside a machine, after its reboot: asks every branch named through its socket and through Caddy, and prints what came
// of it with times since systemd was up. Nothing of Bough but bough-restore.service has run by then.
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { get } from '../../support/installation.ts';

const { slugs, awake }: { slugs: string[]; awake: string[] } = JSON.parse(process.argv[2] ?? '{}');
const msOf = (unit: string[], property: string) =>
  Number(execFileSync('systemctl', ['show', ...unit, '--value', `--property=${property}`], { encoding: 'utf8' })) /
  1000;
const now = () => Number(process.hrtime.bigint()) / 1e6; // the clock of systemd's monotonic timestamps
const upAt = msOf([], 'FinishTimestampMonotonic');
const processes = execFileSync(
  'systemctl',
  ['list-units', '--state=running', '--plain', '--no-legend', 'bough-*--r*.service'],
  {
    encoding: 'utf8',
  },
);
const began = now();

// Those that are up first: waking the others all at once keeps the processors busy.
const answers = await askAll(awake);
answers.push(...(await askAll(slugs.filter((slug) => !awake.includes(slug)))));

process.stdout.write(
  `${JSON.stringify({
    answers,
    runningBefore: processes
      .split('\n')
      .flatMap((line) => /bough-demo--(\S+)--r\d+-web\.service/.exec(line)?.[1] ?? []),
    askedMs: began - upAt,
    listeningMs: Math.max(...slugs.map(listeningAt)) - upAt,
    restoreMs:
      msOf(['bough-restore.service'], 'ExecMainExitTimestampMonotonic') -
      msOf(['bough-restore.service'], 'ExecMainStartTimestampMonotonic'),
    hanging: execFileSync('systemctl', ['list-jobs', '--no-legend'], { encoding: 'utf8' }).trim(),
    gone: (await get('/gone/')).status,
  })}\n`,
);

/** When the socket that `web.sock` leads to began to listen. */
function listeningAt(slug: string): number {
  const seq = /^r(\d+)-/.exec(readlinkSync(`/run/bough/demo/${slug}/web.sock`))?.[1];
  return msOf([`bough-demo--${slug}--r${seq}-web.socket`], 'ActiveEnterTimestampMonotonic');
}

function askAll(some: readonly string[]) {
  return Promise.all(
    some.map(async (slug) => {
      const direct = await ask(`/run/bough/demo/${slug}/web.sock`);
      const ms = now() - upAt;
      return { slug, direct, ms, throughCaddy: (await get(`/${slug}/`)).body };
    }),
  );
}

function ask(socketPath: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/', timeout: 15_000 }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk)).on('end', () => resolve(body));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in 15 s')));
    asked.on('error', (error) => resolve(String(error)));
    asked.end();
  });
}
