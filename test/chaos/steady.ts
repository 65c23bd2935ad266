import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../support/installation.ts';

/** What visitors of the branches that nobody touches have met. */
export interface Visits {
  readonly total: number;
  readonly failed: readonly string[];
  /** How long the slowest took, in ms. */
  readonly longestMs: number;
}

/**
 * Visits each branch about 25 times a second, until it is stopped; it should answer with its text. `excused` covers what
 * no deployment can answer for: Caddy itself being restarted.
 */
export function visitSteadily(texts: ReadonlyMap<string, string>) {
  const failed: string[] = [];
  let total = 0;
  let longestMs = 0;
  let excused = 0;
  const stop = new AbortController();

  async function visit(branch: string, text: string): Promise<void> {
    while (!stop.signal.aborted) {
      const isExcused = excused > 0;
      const from = performance.now();
      const { status, body } = await get(`/${branch}/`);
      total++;
      if (!isExcused && excused === 0) {
        longestMs = Math.max(longestMs, Math.round(performance.now() - from));
        if (status !== 200 || !body.includes(text))
          failed.push(`${new Date().toISOString()} ${branch} ${status} ${body.slice(0, 100)}`);
      }
      await sleep(40);
    }
  }

  const visiting = Promise.all([...texts].map(async ([branch, text]) => await visit(branch, text)));
  return {
    async excuse<T>(work: () => Promise<T>): Promise<T> {
      excused++;
      try {
        return await work();
      } finally {
        excused--;
      }
    },
    async stop(): Promise<Visits> {
      stop.abort();
      await visiting;
      return { total, failed, longestMs };
    },
  };
}
