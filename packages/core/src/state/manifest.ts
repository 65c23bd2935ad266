import * as z from 'zod';
import { Health } from '../config/health.ts';
import { TimeSpan, TimeSpanOrNever } from '../config/time-span.ts';
import { ServiceConfig } from './service-config.ts';

/** A service's name: 1–16 of `[a-z0-9-]`, no `--`. */
const ServiceName = z
  .string()
  .regex(/^(?!.*--)[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?$/, 'must be 1 to 16 of a-z, 0-9 and single dashes inside');

const argument = z.string().regex(/^[^\0\n\r]*$/, 'must not contain line breaks');

const argv = z.tuple([z.string().regex(/^\/nix\/store\/[^\0\n\r ]+$/, 'must be a store path')], argument);

/** One process of a branch. */
export const Service = z
  .strictObject({
    exec: argv.describe('The program, an absolute store path, and its arguments.'),
    listen: z
      .enum(['port', 'socket', 'none'])
      .default('port')
      .describe('`PORT`, a passed socket (`LISTEN_FDS`), or nothing.'),
    environment: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a variable name'), argument)
      .default({})
      .describe('Environment variables; never secrets.'),
    health: Health.prefault({}),
    preStart: argv.optional().describe('Runs once per release, before it is started; its failure fails the release.'),
    preStartTimeout: TimeSpan.prefault('5min').describe('Limit of `preStart`.'),
    schedule: z
      .string()
      .regex(/^[A-Za-z0-9*:,./~ _+-]+$/, 'must be a calendar event of systemd.time(7)')
      .optional()
      .describe('Runs at these times and ends, instead of staying up.'),
    sleepAfter: TimeSpanOrNever.optional().describe(
      'Sleeps after so long without a connection; the next one wakes it.',
    ),
    serviceConfig: ServiceConfig.default({}).describe('Directives of systemd, from an allow-list.'),
  })
  .refine((service) => service.schedule === undefined || service.listen === 'none', {
    path: ['schedule'],
    error: 'needs listen = "none": what runs at times takes no requests',
  })
  .refine(
    (service) => service.sleepAfter === undefined || service.sleepAfter === 'never' || service.listen === 'port',
    {
      path: ['sleepAfter'],
      error: 'needs listen = "port": an app that takes the socket itself ends itself when idle',
    },
  );
export type Service = z.infer<typeof Service>;

/** `share/bough/deployment.json` of an output: what a branch's processes need. */
export const Manifest = z.strictObject({
  schema: z.literal(1),
  strategy: z
    .enum(['parallel', 'replace'])
    .default('parallel')
    .describe('`parallel`: the new release starts beside the old one. `replace`: the old one stops first.'),
  services: z
    .record(ServiceName, Service)
    .refine((services) => 'web' in services, 'must have the service web')
    .refine((services) => services['web']?.listen !== 'none', {
      path: ['web', 'listen'],
      error: 'must not be none: web is what gets the requests',
    }),
});
export type Manifest = z.infer<typeof Manifest>;

/** A manifest as a release has it on record. It was checked when the release was made, maybe by a newer Bough, which knows more fields. */
export const RecordedManifest = z.object({
  ...Manifest.shape,
  services: z.record(ServiceName, Service.strip().safeExtend({ health: Health.strip().prefault({}) })),
});
