import * as z from 'zod';
import { BranchName } from '../branch-name.ts';
import { BranchPattern, PathPattern } from '../branch-patterns.ts';
import { ProjectName } from '../deployment-id.ts';
import { ForgeName } from '../forge/forge-name.ts';
import { TimeSpan, TimeSpanOrNever } from './time-span.ts';

const absolutePath = z
  .string()
  .regex(/^\/[^\0\n]*[^/\0\n]$/, 'must be an absolute path without a slash at its end')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ..');
const folder = (path: string, meaning: string) => absolutePath.default(path).describe(meaning);
const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'must be an address, or a network such as 192.30.252.0/22',
);
const port = z.int().min(1).max(65_535);
const seconds = (value: number, meaning: string) => z.number().positive().default(value).describe(meaning);

/** How a release is checked before requests reach it. */
export const Health = z.strictObject({
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/, 'must start with / and hold no spaces')
    .default('/')
    .describe('Path asked for on the release itself, below its own root.'),
  status: z
    .array(z.int().min(100).max(599))
    .min(1)
    .optional()
    .describe('Statuses that are good; any from 200 to 399 unless set.'),
  timeoutSec: seconds(60, 'The process must answer well within this many seconds of its start.'),
  intervalSec: seconds(0.1, 'Seconds between two questions.'),
});
export type Health = z.infer<typeof Health>;

/** A secret handed to the processes of branches as a systemd credential, never as a variable. */
const Credential = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, dot, dash, underscore')
    .describe('Its file name in `CREDENTIALS_DIRECTORY`.'),
  file: absolutePath.describe('The file that holds it.'),
  branches: z.array(BranchPattern).default(['**']).describe('Patterns of the branches that get it.'),
});
/** What all processes of a kind of branch may use together. */
const Limits = z.strictObject({
  memoryMax: z
    .string()
    .regex(/^\d+(\.\d+)?[KMGT%]?$|^infinity$/, 'must be a size of systemd such as 4G')
    .default('infinity')
    .describe('Memory of all together.'),
  cpuQuota: z
    .string()
    .regex(/^\d+%$/, 'must be a percentage such as 150%')
    .optional()
    .describe('Processor time of all together.'),
});

/** One repository whose branches are kept live. */
export const Project = z.strictObject({
  remote: z
    .string()
    .min(1)
    .regex(/^[^-\0\n][^\0\n]*$/, 'must be a URL or a path git can fetch from')
    .describe('What git fetches from: a URL or an absolute path.'),
  forge: ForgeName.default('github').describe('Whose webhooks it sends; `git` is the hook Bough ships.'),
  webhookSecretFiles: z
    .array(absolutePath)
    .default([])
    .describe(
      'Files that each hold one webhook secret; several allow rotation. With none the sweep alone finds pushes.',
    ),
  production: BranchName.default('main').describe('The production branch: built before all others.'),
  attribute: z
    .string()
    .regex(/^[A-Za-z0-9_.'"-]+$/, 'must be an attribute path such as packages.x86_64-linux.default')
    .optional()
    .describe('The flake output to build; `packages.<this system>.default` unless set.'),
  url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => URL.parse(url)?.pathname === '/' && !/[?#]/.test(url),
      'must have no path: the first part of a path is the branch',
    )
    .describe('Where the branches are reached, without the slug: `http://localhost:8080`.'),
  listen: z
    .enum(['port', 'socket'])
    .default('port')
    .describe('How an app without a manifest takes requests: `PORT`, or a passed socket (`LISTEN_FDS`).'),
  health: Health.prefault({}).describe('The health check of an app without a manifest.'),
  routing: z
    .enum(['path', 'subdomain'])
    .default('path')
    .describe('`path`: `<url>/<slug>/`. `subdomain`: `<slug>.<host of url>`.'),
  productionAtRoot: z.boolean().default(false).describe('Whether the production branch answers at `url` itself too.'),
  include: z
    .array(BranchPattern)
    .default(['**'])
    .describe('Patterns of the branches that are deployed: `*` is any text without a slash, `**` any text.'),
  exclude: z
    .array(BranchPattern)
    .default([])
    .describe('Patterns of the branches that are not, whatever `include` says. The production branch always is.'),
  paths: z
    .array(PathPattern)
    .default([])
    .describe(
      'Patterns of files, as those of branches: a push that touches none of them is not built. None: every push is.',
    ),
  sleepAfter: TimeSpanOrNever.default('never').describe(
    'Previews sleep after so long without a connection. Production never does unless its manifest says so.',
  ),
  maxLive: z
    .int()
    .min(1)
    .optional()
    .describe('How many previews may have a process at a time; any number unless set. Production is not counted.'),
  whenFull: z
    .enum(['sleep', 'expire'])
    .default('sleep')
    .describe(
      'What becomes of the least recently visited preview when more are live. `sleep`: the next visit wakes it. `expire`: it is taken down until a push or `bough resume`.',
    ),
  ttl: TimeSpanOrNever.default('never').describe(
    'A preview expires so long after the last push to it, or after it was resumed. Production never does.',
  ),
  credentials: z.array(Credential).default([]).describe('Secrets of the processes.'),
});
export type Project = z.infer<typeof Project>;

/** The whole configuration: one JSON file, strict, so that a misspelt setting is an error. Secrets are paths. */
export const Config = z.strictObject({
  $schema: z.string().optional().describe('For editors; ignored.'),
  scope: z
    .enum(['system', 'user'])
    .default('system')
    .describe('`system`: systemd as root. `user`: `systemctl --user`, no root.'),
  stateDir: folder('/var/lib/bough', 'What must survive a reboot: mirrors, releases, units.'),
  runtimeDir: folder('/run/bough', 'Sockets and the lock; empty after a reboot.'),
  unitDir: folder('/run/systemd/system', 'Where systemd finds the units Bough links.'),
  redis: z
    .strictObject({
      url: z
        .string()
        .regex(/^(redis|rediss|unix):\/\//, 'must start with redis://, rediss:// or unix://')
        .default('unix:///run/bough-redis/redis.sock')
        .describe('The Redis of the queues.'),
      passwordFile: absolutePath.optional().describe('A file that holds the password of Redis.'),
    })
    .prefault({})
    .describe('Redis.'),
  receiver: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address the receiver listens on.'),
      port: port.default(9010).describe('Port the receiver listens on.'),
      bodyLimitBytes: z
        .int()
        .min(1024)
        .max(26_214_400)
        .default(5_242_880)
        .describe('Largest delivery accepted, in bytes.'),
      requestTimeoutSec: seconds(10, 'A request must be there whole within this many seconds.'),
      allowFrom: z
        .array(network)
        .min(1)
        .optional()
        .describe("Addresses and networks deliveries may come from, such as the forge's; any unless set."),
      trustProxies: z
        .array(network)
        .default([])
        .describe('Addresses and networks of proxies whose `X-Forwarded-For` is believed.'),
      refusalsPerMinute: z
        .int()
        .min(1)
        .default(60)
        .describe(
          'An address that was refused so often within a minute is answered 429, unless a delivery from it was signed well.',
        ),
      keepDeliveries: TimeSpan.default(30 * 86_400).describe('How long deliveries are kept in the ledger.'),
    })
    .prefault({})
    .describe('The receiver.'),
  board: z
    .strictObject({
      user: z
        .string()
        .min(1)
        .regex(/^[^:]+$/, 'must not contain a colon')
        .default('bough')
        .describe('User of the board.'),
      passwordFile: absolutePath.describe('A file that holds the password of the board.'),
    })
    .describe('Bull Board, at /board of the receiver.'),
  caddy: z
    .strictObject({
      listen: z
        .string()
        .regex(/^(\[[0-9a-f:]+\]|[0-9.]+|localhost)?:\d{1,5}$/, 'must be [address]:port')
        .default(':8080')
        .describe('Address Caddy serves the branches on.'),
      tls: z
        .string()
        .regex(/^internal$|^\/[^\0\n]*[^/\0\n]$/, 'must be internal, or the absolute path of a file')
        .optional()
        .describe(
          'Where Caddy ends TLS: `internal` for certificates of its own, for tests; or a file with its directive `tls`.',
        ),
    })
    .prefault({})
    .describe('Caddy, for the configuration Bough renders.'),
  ports: z
    .strictObject({
      from: port.default(20_000).describe('First loopback port given to apps that listen on PORT.'),
      to: port.default(29_999).describe('Last such port.'),
    })
    .prefault({})
    .describe('Loopback ports of apps.'),
  sweepIntervalSec: seconds(60, 'Seconds between two sweeps.'),
  build: z
    .strictObject({
      evalTimeoutSec: seconds(300, 'Limit of one evaluation.'),
      timeoutSec: seconds(1800, 'Limit of one build.'),
      silenceTimeoutSec: seconds(600, 'A build that prints nothing for so long is stopped.'),
      fetchTimeoutSec: seconds(120, 'Limit of one git fetch.'),
      allowImportFromDerivation: z.boolean().default(false).describe('Let evaluation build things.'),
    })
    .prefault({})
    .describe('Evaluation and builds.'),
  reconcile: z
    .strictObject({
      settleSec: seconds(2, 'A new process must run this long without a restart before it gets requests.'),
      drainSec: z
        .number()
        .min(0)
        .default(5)
        .describe('How long the old release may finish its requests after a switch.'),
      stopTimeoutSec: seconds(20, 'A process that has not stopped by then is killed.'),
      probation: TimeSpan.default(600).describe(
        'A release that crash-loops within this time of its switch is rolled back.',
      ),
      keepReleases: z.int().min(1).max(50).default(3).describe('Verified releases kept per deployment.'),
    })
    .prefault({})
    .describe('From release to process.'),
  gc: z
    .strictObject({
      lowFreeGiB: z
        .number()
        .min(0)
        .default(1)
        .describe(
          'With less free for the store, garbage is collected before a build; with less after that, the build fails.',
        ),
      highFreeGiB: z
        .number()
        .min(0)
        .default(5)
        .describe('A collection goes on until so much is free, or no garbage is left.'),
      every: TimeSpanOrNever.default(86_400).describe('How often garbage is looked for.'),
      keepLogs: TimeSpan.default(30 * 86_400).describe('Build logs are kept so long, those of kept releases longer.'),
      repositoriesGiB: z
        .number()
        .min(0)
        .default(2)
        .describe('When the copies of repositories that Nix makes for itself take more, they are removed.'),
    })
    .refine((gc) => gc.highFreeGiB >= gc.lowFreeGiB, {
      path: ['highFreeGiB'],
      error: 'must not be less than lowFreeGiB',
    })
    .prefault({})
    .describe('Garbage collection.'),
  previews: Limits.prefault({}).describe('Limits of all previews together.'),
  productions: Limits.prefault({}).describe('Limits of all production branches together.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged.'),
  projects: z
    .record(ProjectName, Project)
    .refine((projects) => Object.keys(projects).length > 0, 'must name at least one project')
    .describe('The projects, by name.'),
});
export type Config = z.infer<typeof Config>;
