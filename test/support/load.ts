import autocannon, { type Result } from 'autocannon';

/**
 * Requests a path through Caddy until it is stopped. Each connection has one request under way at a time, and waits for
 * its answer for as long as a minute: what takes long shows as such, not as a failure.
 */
export function startLoad(path: string, { connections, rate }: { connections: number; rate: number }) {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const load = autocannon(
    { url: `http://127.0.0.1:8080${path}`, connections, overallRate: rate, duration: 3600, timeout: 60 },
    (error: unknown, outcome) => (error instanceof Error ? reject(error) : resolve(outcome)),
  );
  return {
    /** Ends it; `failed` counts requests without an answer of 2xx, `text` is a sentence about all of them. */
    async stop(): Promise<{ total: number; failed: number; longestMs: number; text: string }> {
      load.stop();
      const { requests, latency, errors, timeouts, non2xx, duration } = await promise;
      return {
        total: requests.total,
        failed: errors + timeouts + non2xx,
        longestMs: latency.max,
        text:
          `${requests.total} requests, ${Math.round(requests.total / duration)} a second; ` +
          `${errors} refused or broken, ${timeouts} timed out, ${non2xx} not 2xx; ` +
          `p50 ${latency.p50} ms, p99 ${latency.p99} ms, longest ${latency.max} ms`,
      };
    },
  };
}
