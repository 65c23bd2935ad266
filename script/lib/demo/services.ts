import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StoreNode } from './repository.ts';
import { type Place, runIn } from './place.ts';

export interface ServicesOptions {
  readonly ports: { readonly caddy: number; readonly receiver: number };
  /** Where the branches are reached. */
  readonly site: string;
  readonly repository: string;
  readonly signal: AbortSignal;
}

/** What was made up for one demo. */
export interface Secrets {
  readonly webhook: string;
  readonly board: string;
}

export function makeSecrets(): Secrets {
  return { webhook: randomBytes(24).toString('hex'), board: randomBytes(9).toString('base64url') };
}

/** Starts Bough's own services in a place, as an installation would. */
export async function startServices(
  place: Place,
  secrets: Secrets,
  { ports, site, repository, signal }: ServicesOptions,
): Promise<void> {
  const { folders, scope } = place;
  const secretFile = (name: keyof Secrets) => `${folders.etc}/secrets/${name}`;
  for (const name of ['webhook', 'board'] as const) {
    const write = 'mkdir -p "${1%/*}" && umask 077 && cat >"$1"';
    await runIn(place, ['sh', '-c', write, 'sh', secretFile(name)], { input: secrets[name], signal });
  }
  const { stateDir, runtimeDir, unitDir } = folders;
  const config = {
    scope,
    stateDir,
    runtimeDir,
    unitDir,
    redis: { url: `unix://${folders.redisSocket}` },
    receiver: { port: ports.receiver },
    board: { passwordFile: secretFile('board') },
    caddy: { listen: `127.0.0.1:${ports.caddy}` },
    reconcile: { settleSec: 1, drainSec: 1 },
    projects: {
      hello: {
        remote: repository,
        webhookSecretFiles: [secretFile('webhook')],
        url: site,
        health: { path: '/health' },
      },
    },
  };
  const options = {
    config,
    folder: folders.etc,
    unitDir: folders.stackUnitDir,
    ...place.stack,
  };
  const writeStack = [folders.node, `${folders.root}/script/lib/write-stack.ts`];
  const { stdout: units } = await runIn(place, writeStack, { input: JSON.stringify(options), signal });
  await systemctl(place, ['daemon-reload'], signal);
  await systemctl(place, ['start', '--', ...units.trim().split('\n')], signal);
}

/** Adds the Node of the demo to the store, for the sample app to run on, by way of `folder`, where nothing outlives the demo. */
export async function addNodeToStore(place: Place, folder: string, signal: AbortSignal): Promise<StoreNode> {
  const name = `nodejs-${process.versions.node}`;
  const script = `set -eu
    mkdir -p "$1/bin" && cp --dereference "$2" "$1/bin/node"
    path=$(nix-store --add-fixed --recursive sha256 "$1")
    rm -rf "$1"
    nix-store --query --hash "$path"`;
  const { stdout } = await runIn(place, ['sh', '-c', script, 'sh', join(folder, name), place.folders.node], { signal });
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return { name, system: `${machine}-linux`, sha256: stdout.trim().replace(/^sha256:/, '') };
}

async function systemctl(place: Place, argv: string[], signal: AbortSignal): Promise<void> {
  await runIn(place, ['systemctl', ...(place.scope === 'user' ? ['--user'] : []), '--no-ask-password', ...argv], {
    signal,
  });
}
