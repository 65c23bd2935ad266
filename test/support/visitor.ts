import { setTimeout as pause } from 'node:timers/promises';
import { get } from './installation.ts';

/** Somebody who asks for a page again and again, fifty times a second at most. */
export interface Visitor extends AsyncDisposable {
  /** Stops asking. How often it asked, and every answer that was not the one wanted. */
  readonly leave: () => Promise<{ asked: number; wrong: string[] }>;
}

/** Asks for `path` through Caddy until told to leave, and expects `text` with status 200 each time. */
export function visit(path: string, text: string): Visitor {
  const leaving = new AbortController();
  let asked = 0;
  const wrong: string[] = [];
  const asking = (async () => {
    while (!leaving.signal.aborted) {
      const { status, body } = await get(path);
      asked += 1;
      if (status !== 200 || !body.includes(text)) wrong.push(`${status} ${body}`);
      await pause(20);
    }
  })();
  const leave = async () => {
    leaving.abort();
    await asking;
    return { asked, wrong };
  };
  return {
    leave,
    async [Symbol.asyncDispose]() {
      await leave();
    },
  };
}
