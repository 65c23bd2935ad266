import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { slugOf } from '@bough/host/slug.ts';
import { type About, awaitAnswer, awaitLive } from './await-live.ts';
import { choosePlace } from './choose-place.ts';
import { makeFolder } from './demo-folder.ts';
import { followLog } from './follow-log.ts';
import { inviteTo } from './invitation.ts';
import { clearMachine, startMachine } from './machine-place.ts';
import { observeHost } from './observe-host.ts';
import type { Options } from './options.ts';
import { observePerson } from './person.ts';
import type { PlaceOptions } from './place.ts';
import { assertAlone, freePort, requirePort } from './ports.ts';
import { createRepository, pushSample } from './repository.ts';
import { DemoError, say } from './say.ts';
import { addNodeToStore, makeSecrets, startServices } from './services.ts';
import { together } from './together.ts';
import { clearUserManager, useUserManager } from './user-place.ts';

export interface DemoEnvironment extends Pick<PlaceOptions, 'root' | 'noteInstalled'> {
  /** Where downloads are kept; all that is left after a demo. */
  readonly cache: string;
}

const places = {
  'user-manager': { clear: clearUserManager, enter: useUserManager },
  machine: { clear: clearMachine, enter: startMachine },
} as const;

/**
 * The demo from nothing to nothing, but for Debian's packages that were missing. Rejects with the reason when it did not come
 * to be, or did not go away.
 */
export async function demo(
  options: Options,
  { root, cache, noteInstalled }: DemoEnvironment,
  signal: AbortSignal,
): Promise<void> {
  await assertAlone();
  const folder = join(cache, 'demo');
  await using undo = new AsyncDisposableStack();
  const { clear, enter } = places[choosePlace(await observeHost())];
  const placeOptions = { root, folder, noteInstalled, signal };
  // What a killed demo has left would hold its ports still, and write into its folder.
  await clear(placeOptions);
  undo.use(await makeFolder(folder));
  const place = undo.use(await enter(placeOptions));

  const caddyPort = await (options.port === null ? freePort(8080) : requirePort(options.port));
  const ports = { caddy: caddyPort, receiver: await freePort(caddyPort === 9010 ? 0 : 9010) };
  const secrets = makeSecrets();
  const site = `http://127.0.0.1:${ports.caddy}`; // not every host knows what `localhost` is
  const receiver = `http://127.0.0.1:${ports.receiver}`;
  const repository = await createRepository({
    folder,
    webhook: { url: `${receiver}/webhooks/hello`, secret: secrets.webhook },
    site,
  });

  say(`starting Redis, Caddy on port ${ports.caddy}, the receiver on port ${ports.receiver} and the worker`);
  const began = new Date();
  const [node] = await together(
    signal,
    (either) => addNodeToStore(place, folder, either),
    (either) => startServices(place, secrets, { ports, site, repository, signal: either }),
  );
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  undo.use(followLog(place, began, (reason) => failure.reject(new DemoError(`Bough reports:\n${reason.trim()}`))));
  await awaitAnswer(`${receiver}/readyz`, 'the receiver', signal);

  say('pushing main and feature/hello of the sample app');
  const heads = await pushSample(folder, repository, node);
  const urls = new Map([...heads.keys()].map((branch) => [branch, `${site}/${slugOf(branch)}/`]));
  const live = Promise.all([...heads].map(([branch, commit]) => awaitLive(urls.get(branch) ?? '', commit, signal)));
  const abouts = await Promise.race([live, failure.promise]);
  for (const { branch, program } of abouts) say(`${branch} is live: ${program}`);
  check(abouts);

  const board = { url: `${receiver}/board`, user: 'bough', password: secrets.board };
  if (!options.once) say(inviteTo({ urls, board, repository }, place, observePerson()));
  process.stdout.write(`READY ${JSON.stringify({ ...Object.fromEntries(urls), board, repository })}\n`);
  if (!options.once) await untilAborted(signal);
  say('taking everything down');
}

/** Two branches, two programs in the store. */
function check(abouts: readonly About[]): void {
  const programs = new Set(abouts.map(({ program }) => program));
  const greetings = new Set(abouts.map(({ greeting }) => greeting));
  const stray = [...programs].find((program) => !program.startsWith('/nix/store/'));
  if (stray !== undefined) throw new DemoError(`${stray} runs, which is not in the Nix store`);
  if (programs.size < abouts.length || greetings.size < abouts.length)
    throw new DemoError('both branches serve the same');
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  const forEver = 2 ** 31 - 1;
  while (!signal.aborted) await sleep(forEver, undefined, { signal }).catch(() => {});
}
