import { isIPv6 } from 'node:net';

const mostSources = 10_000;

/**
 * A budget of refusals for each source, which fills again at `perMinute`. Only refusals are taken from it, so a source that
 * sends what it may send never meets it. `now` gives ms. Of an IPv6 address the network of 64 bits counts: one household
 * or server has all of it.
 */
export function createRefusalBudget({ perMinute, now }: { perMinute: number; now: () => number }) {
  const spent = new Map<string, { readonly refusals: number; readonly at: number }>();

  function refusalsOf(source: string): number {
    const entry = spent.get(source);
    if (entry === undefined) return 0;
    return Math.max(0, entry.refusals - ((now() - entry.at) / 60_000) * perMinute);
  }

  return {
    /** Seconds until the source is looked at again; 0 while it has something left. */
    waitSec: (address: string): number => {
      const over = refusalsOf(networkOf(address)) - perMinute + 1;
      return over <= 0 ? 0 : Math.ceil((over / perMinute) * 60);
    },

    /** One of its requests was refused. Tells whether that was the last it had. */
    spend: (address: string): boolean => {
      const source = networkOf(address);
      const refusals = Math.min(refusalsOf(source) + 1, perMinute);
      spent.delete(source); // to the end of the map: the one longest without a refusal is forgotten first
      spent.set(source, { refusals, at: now() });
      const oldest = spent.keys().next().value;
      if (spent.size > mostSources && oldest !== undefined) spent.delete(oldest);
      return refusals > perMinute - 1;
    },
  };
}

/** What counts as one source. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address.replace(/^::ffff:/i, '');
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return `${[...groups, ...Array.from({ length: zeros }, () => '0'), ...rest].slice(0, 4).join(':')}::/64`;
}
