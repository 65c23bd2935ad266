import * as z from 'zod';
import { userInfoOf } from '../text/user-info.ts';

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

/** `[address]:port`, the address in brackets where it is one of IPv6; without one all addresses. */
export const listenAddress = z
  .string()
  .regex(/^(\[[0-9a-f:]+\]|[0-9.]+|localhost)?:\d{1,5}$/, 'must be [address]:port')
  .refine((text) => {
    const colon = text.lastIndexOf(':');
    const address = text.slice(0, colon);
    return isListened(address) && port.safeParse(Number(text.slice(colon + 1))).success;
  }, 'must be [address]:port, of an address that there is and a port from 1 to 65535');

function isListened(address: string): boolean {
  if (address === '' || address === 'localhost') return true;
  return z.union([z.ipv4(), z.ipv6()]).safeParse(address.replace(/^\[|\]$/g, '')).success;
}

/**
 * The most seconds a duration may have: twelve days. A timer of Node holds 2^31 - 1 ms, which is not quite 25 days, and one that is
 * given more goes off at once; some wait twice as long as is set.
 */
const longestDuration = 12 * 86_400;

/** A number of seconds that a timer can hold, fractions allowed. */
export const duration = z
  .number()
  .max(longestDuration, `must be at most ${longestDuration} seconds, which are 12 days`);

/** A positive number of seconds, fractions allowed. */
export const seconds = (value: number, meaning: string) => duration.positive().default(value).describe(meaning);

/**
 * What git fetches from. It holds no secret: git shows its command line to every user of the host. Over HTTP a name alone may
 * be one, a token.
 */
export const remote = z
  .string()
  .min(1)
  .regex(/^[^-\0\n][^\0\n]*$/, 'must be a URL or a path git can fetch from')
  .refine((url) => !isHttp(url) || URL.canParse(url), 'must be a URL or a path git can fetch from')
  .refine(
    (url) => (isHttp(url) ? userInfoOf(url) === null : (userInfoOf(url)?.password ?? null) === null),
    'must hold no login: write it into ~/.netrc of who runs the worker, or use SSH and a key',
  );

function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** The address of a Redis. By `unix://` it is Bough's own, whose service is given the folder of its socket. */
export const redisUrl = z
  .string()
  .regex(/^(redis|rediss|unix):\/\//, 'must start with redis://, rediss:// or unix://')
  .refine((url) => !/[\0-\x1f\x7f]/.test(url), 'must not hold line breaks or other control characters')
  .refine(
    (url) => !url.startsWith('unix://') || absolutePath.safeParse(url.slice('unix://'.length)).success,
    'must be unix:// and an absolute path, such as unix:///run/bough-redis/redis.sock',
  )
  .refine(
    (url) => !/^unix:\/\/\/(var\/)?run\/(?!user\/|bough)[^/]+\//.test(url),
    'must not name a folder of somebody else in /run: unix:// is where Bough runs a Redis of its own, redis:// names one that is there',
  )
  .refine((url) => url.startsWith('unix://') || URL.canParse(url), 'must be a URL such as redis://host:6379/0')
  .refine(
    (url) => (userInfoOf(url)?.password ?? null) === null,
    'must hold no password: write it into a file, and name that as redis.passwordFile',
  );
