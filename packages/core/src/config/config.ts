import * as z from 'zod';
import { ProjectName } from '../deployment-id.ts';
import { absolutePath, duration, folder, listenAddress, port, redisUrl, seconds } from './fields.ts';
import { ownFolder } from './own-folder.ts';
import { Project } from './project.ts';
import { Receiver } from './receiver.ts';
import { TimeSpan, TimeSpanOrNever } from './time-span.ts';

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

const weight = (of: string) =>
  z.int().min(1).max(10_000).default(20).describe(`Share of ${of} when others want it too; theirs is 100 each.`);

/** What the Nix daemon and its builders may use, so that a build takes nothing from the branches that are live. */
const Builders = Limits.extend({ cpuWeight: weight('the processors'), ioWeight: weight('the disks') });

/** The whole configuration: one JSON file, strict, so that a misspelt setting is an error. Secrets are paths. */
export const Config = z.strictObject({
  $schema: z.string().optional().describe('For editors; ignored.'),
  scope: z
    .enum(['system', 'user'])
    .default('system')
    .describe('`system`: systemd as root. `user`: `systemctl --user`, no root.'),
  stateDir: ownFolder('/var/lib/bough', 'What must survive a reboot: mirrors, releases, units.'),
  runtimeDir: ownFolder('/run/bough', 'Sockets and the lock; empty after a reboot.'),
  unitDir: folder('/run/systemd/system', 'Where systemd finds the units Bough links.'),
  redis: z
    .strictObject({
      url: redisUrl
        .default('unix:///run/bough-redis/redis.sock')
        .describe(
          'The Redis of the queues: `unix://` where Bough runs one of its own, `redis://` or `rediss://` for one that is there.',
        ),
      passwordFile: absolutePath.optional().describe('A file that holds the password of Redis.'),
    })
    .prefault({})
    .describe('Redis.'),
  receiver: Receiver.prefault({}).describe('The receiver.'),
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
      listen: listenAddress.default(':8080').describe('Address Caddy serves the branches on.'),
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
      drainSec: duration.min(0).default(5).describe('How long the old release may finish its requests after a switch.'),
      stopTimeoutSec: seconds(20, 'A process that has not stopped by then is killed.'),
      probation: TimeSpan.prefault('10min').describe(
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
      every: TimeSpanOrNever.prefault('1d').describe('How often garbage is looked for, and git packs the mirrors.'),
      keepLogs: TimeSpan.prefault('30d').describe('Build logs are kept so long, those of kept releases longer.'),
      repositoriesGiB: z
        .number()
        .min(0)
        .default(2)
        .describe('When the copies of repositories that Nix makes for itself take more, they are removed.'),
    })
    .refine((gc) => !(gc.highFreeGiB < gc.lowFreeGiB), {
      path: ['highFreeGiB'],
      error: 'must not be less than lowFreeGiB',
      when: ({ value }) => typeof value === 'object' && value !== null, // whatever else is wrong
    })
    .prefault({})
    .describe('Garbage collection.'),
  previews: Limits.prefault({}).describe('Limits of all previews together.'),
  productions: Limits.prefault({}).describe('Limits of all production branches together.'),
  builders: Builders.prefault({}).describe('Limits of the Nix daemon with all its builders, in the system scope.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged.'),
  projects: z
    .record(ProjectName, Project)
    .refine((projects) => Object.keys(projects).length > 0, 'must name at least one project')
    .describe('The projects, by name.'),
});
export type Config = z.infer<typeof Config>;
