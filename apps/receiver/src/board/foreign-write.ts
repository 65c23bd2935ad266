import type { IncomingHttpHeaders } from 'node:http';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request would change something on behalf of another site. Browsers send basic credentials with requests that
 * other sites make, so a write must come from our own page, or from no browser at all (which sends neither header). What the
 * browser says itself counts; the origin is compared where it says nothing, as a proxy may have written another `Host`.
 */
export function isForeignWrite(method: string, headers: IncomingHttpHeaders): boolean {
  if (reading.has(method)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  return headers.origin !== undefined && hostOf(headers.origin) !== headers.host;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null; // `null` is also what sandboxed pages send
}
