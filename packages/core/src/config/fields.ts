import * as z from 'zod';

/** A path from the root of the file system, without `..` and without a slash at its end. */
export const absolutePath = z
  .string()
  .regex(/^\/[^\0\n]*[^/\0\n]$/, 'must be an absolute path without a slash at its end')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ..');

/** An absolute path with a default. */
export const folder = (path: string, meaning: string) => absolutePath.default(path).describe(meaning);

/** An address or a network in CIDR notation. */
export const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'must be an address, or a network such as 192.30.252.0/22',
);

/** A TCP port. */
export const port = z.int().min(1).max(65_535);

/** A positive number of seconds, fractions allowed. */
export const seconds = (value: number, meaning: string) => z.number().positive().default(value).describe(meaning);
