import { isIP } from 'node:net';

/**
 * The address a request came from, as the proxies say that are believed, and nothing else they may say: it is a key of maps, and
 * stands in the log and the ledger. `unknown` as well where the socket is closed, which has forgotten it whatever its type says.
 */
export function sourceOf({ ip }: { readonly ip: string | undefined }): string {
  const [address = ''] = ip?.split('%', 1) ?? []; // without the zone, which may be any text
  return isIP(address) === 0 ? 'unknown' : address;
}
