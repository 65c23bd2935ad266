import * as z from 'zod';
import { Health } from '../config/config.ts';

/** A service's name: 1–16 of `[a-z0-9-]`, no `--`. */
const ServiceName = z
  .string()
  .regex(/^(?!.*--)[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?$/, 'must be 1 to 16 of a-z, 0-9 and single dashes inside');

const argument = z.string().regex(/^[^\0\n\r]*$/, 'must not contain line breaks');

/** One process of a branch. */
export const Service = z.strictObject({
  exec: z
    .tuple([z.string().regex(/^\/nix\/store\/[^\0\n\r ]+$/, 'must be a store path')], argument)
    .describe('The program, an absolute store path, and its arguments.'),
  listen: z
    .enum(['port', 'socket', 'none'])
    .default('port')
    .describe('`PORT`, a passed socket (`LISTEN_FDS`), or nothing.'),
  environment: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a variable name'), argument)
    .default({})
    .describe('Environment variables; never secrets.'),
  health: Health.prefault({}),
});
export type Service = z.infer<typeof Service>;

/** `share/bough/deployment.json` of an output: what a branch's processes need. */
export const Manifest = z.strictObject({
  schema: z.literal(1),
  services: z.record(ServiceName, Service).refine((services) => 'web' in services, 'must have the service web'),
});
export type Manifest = z.infer<typeof Manifest>;
