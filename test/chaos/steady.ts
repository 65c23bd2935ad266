import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../support/installation.ts';

/** What visitors of the branch that nobody touches have met. */
export interface Visits {
  readonly total: number;
  readonly failed: readonly string[];
}

/**
 * Visits `main` about 25 times a second until it is stopped. `excused` covers what no deployment can answer for: Caddy
 * itself being restarted.
 */
export function visitSteadily(text: string) {
  const failed: string[] = [];
  let total = 0;
  let excused = 0;
  const stop = new AbortController();

  async function visit(): Promise<void> {
    while (!stop.signal.aborted) {
      const isExcused = excused > 0;
      const { status, body } = await get('/main/');
      total++;
      if ((status !== 200 || !body.includes(text)) && !isExcused && excused === 0)
        failed.push(`${new Date().toISOString()} ${status} ${body.slice(0, 100)}`);
      await sleep(40);
    }
  }

  const visiting = visit();
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
      return { total, failed };
    },
  };
}
