import { join } from 'node:path';
import { programPath } from '../programs.ts';
import { installMissing } from './install.ts';
import { type Place, type PlaceOptions, run } from './place.ts';
import { DemoError, say } from './say.ts';

const name = 'demo';

/**
 * Ends the machine a killed demo has left.
 * @throws DemoError to whoever may have no machine
 */
export async function clearMachine({ root }: PlaceOptions): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new DemoError(
      'No systemd of yours runs here (systemctl --user), and a private one needs root.\nRun the demo as root, or in a session that has one.',
    );
  }
  await down(scriptOf(root));
}

/**
 * A private systemd: a throwaway Debian in namespaces of its own (script/machine), on the host's network so that a
 * browser reaches it. `folder` is seen there under the same path.
 */
export async function startMachine({ root, folder, noteInstalled, signal }: PlaceOptions): Promise<Place> {
  noteInstalled(await installMissing('The demo', ['git'], `${process.env['PATH'] ?? ''}:${programPath}`));
  const script = scriptOf(root);
  say('starting a private systemd: a Debian 12 of its own, thrown away at the end');
  const up = [script, 'up', '--image', 'bookworm', '--net', 'host', '--bind', `${folder}:${folder}`, name] as const;
  try {
    await run(up, { signal, timeoutMs: 1_200_000, onStderrLine: (line) => say(line) });
  } catch (error) {
    await down(script);
    throw error;
  }
  return {
    name: `the machine ${name} (script/machine exec ${name} -- systemctl status)`,
    scope: 'system',
    enter: [script, 'exec', name, '--'],
    folders: {
      stateDir: '/var/lib/bough',
      runtimeDir: '/run/bough',
      unitDir: '/run/systemd/system',
      stackUnitDir: '/etc/systemd/system',
      etc: '/etc/bough',
      redisSocket: '/run/bough-redis/redis.sock',
      root: '/opt/bough',
      node: '/opt/node/bin/node',
    },
    stack: {},
    [Symbol.asyncDispose]: () => down(script),
  };
}

const scriptOf = (root: string): string => join(root, 'script/machine');

/** Ends it with all its processes, mounts and files, and looks whether it has. */
async function down(script: string): Promise<void> {
  await run([script, 'down', name], { onStderrLine: (line) => say(line) });
  const { stdout } = await run([script, 'list']);
  if (new RegExp(`^${name} `, 'm').test(stdout)) throw new DemoError(`The machine is not gone:\n${stdout}`);
}
