import * as z from 'zod';

/**
 * The directives of systemd.exec(5) and systemd.resource-control(5) a branch may set for its processes. They only take away or limit,
 * within `beyondLimits`; what could give rights, run programs or reach files is not in it.
 */
export const allowedDirectives = [
  'CPUQuota',
  'CPUWeight',
  'IOWeight',
  'IPAddressAllow',
  'IPAddressDeny',
  'KillSignal',
  'LimitNOFILE',
  'MemoryHigh',
  'MemoryMax',
  'MemorySwapMax',
  'Nice',
  'OOMScoreAdjust',
  'TasksMax',
  'TimeoutStopSec',
] as const;

/** `serviceConfig` of a service: an allowed directive and its value. A refused one is named, with those that are allowed. */
export const ServiceConfig = z.record(
  z.string().refine((name) => allowedDirectives.some((allowed) => allowed === name), {
    error: (issue) => `${String(issue.input)} is not allowed here; allowed are ${allowedDirectives.join(', ')}`,
  }),
  z.union([z.string().regex(/^[\w.%:/ ~-]*$/, 'must be one plain value'), z.number(), z.boolean()]),
);
export type ServiceConfig = z.infer<typeof ServiceConfig>;
