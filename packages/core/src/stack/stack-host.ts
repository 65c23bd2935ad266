import { type Folders, layoutOf } from '../layout.ts';
import { quoteValue } from '../systemd/quote.ts';

/** What rendering Bough's own units must know of the host. All paths are absolute. */
export interface StackHost {
  readonly scope: 'system' | 'user';
  /** The program Node 24. */
  readonly node: string;
  /** The checkout of Bough with its packages installed. */
  readonly root: string;
  readonly caddy: string;
  readonly redisServer: string;
  /** Holds what is rendered: the configuration, the Caddyfile, redis.conf. */
  readonly folder: string;
  /** `PATH` of the worker, which runs git, nix and systemctl. */
  readonly path: string;
  /** `/run`, or `$XDG_RUNTIME_DIR` in the user scope. */
  readonly runtimeRoot: string;
  /** Where Redis and Caddy keep their data in the user scope; the system scope has folders of systemd's for them. */
  readonly dataDir: string;
  /** Lines for the Nix daemon on top of its nix.conf, where nobody else manages that. System scope. */
  readonly nixConfig?: string;
}

/** The files rendered into the folder of a stack. */
export function stackFiles({ folder }: Pick<StackHost, 'folder'>) {
  return {
    config: `${folder}/bough.json`,
    caddyfile: `${folder}/Caddyfile`,
    redisConf: `${folder}/redis.conf`,
  } as const;
}

/**
 * Users of the system scope. Whoever is in the group `bough` may talk to the Redis of the queues. The receiver's is made
 * by systemd when it starts (`DynamicUser=`). `build` evaluates and builds what a branch says: it owns nothing but the cache
 * of Nix, is in no group that may read anything, and the Nix daemon does not trust it.
 */
export const stackUsers = {
  redis: 'bough-redis',
  caddy: 'bough-caddy',
  build: 'bough-build',
  receiver: 'bough-receiver',
  queueGroup: 'bough',
} as const;

/**
 * sysusers.d(5): the users of the system scope that own files. `nixGroup`: the group one has to be in to reach the Nix daemon,
 * `null` where everybody may.
 */
export function renderSysusers(folders: Folders, nixGroup: string | null): string {
  const { redis, caddy, build, queueGroup } = stackUsers;
  return `g ${queueGroup} -
u ${redis} - "Queues of Bough"
u ${caddy} - "Web server of Bough"
u ${build} - "Evaluation and builds of Bough" ${quoteValue(layoutOf(folders).nixCache)}
${nixGroup === null ? '' : `m ${build} ${nixGroup}\n`}`;
}

/**
 * tmpfiles.d(5): the folders the worker's unit makes writable, which have to be there before it starts. The receiver reads the
 * tokens by its group, which their folder hands on to them.
 */
export function renderTmpfiles(folders: Folders): string {
  const { stateDir, runtimeDir, unitDir } = folders;
  const { tokens } = layoutOf({ ...folders, scope: 'system' });
  return [
    ...[stateDir, runtimeDir, unitDir].map((folder) => `d ${quoteValue(folder)} 0755 root root -\n`),
    `d ${quoteValue(tokens)} 2750 root ${stackUsers.queueGroup} -\n`,
  ].join('');
}

/** The folder in which the Redis of the queues keeps its data. */
export function redisData({ scope, dataDir }: StackHost): string {
  return scope === 'system' ? '/var/lib/bough-redis' : `${dataDir}/redis`;
}
