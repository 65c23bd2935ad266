import { setTimeout as sleep } from 'node:timers/promises';
import { DemoError } from './say.ts';

/** What the sample app says of itself at /health. */
export interface About {
  readonly greeting: string;
  readonly branch: string;
  readonly commit: string;
  readonly release: string;
  /** In the Nix store. */
  readonly program: string;
}

/** Waits until a URL is answered with 200. */
export async function awaitAnswer(url: string, what: string, signal: AbortSignal, deadlineMs = 30_000): Promise<void> {
  await poll(`${what} did not answer at ${url}`, signal, deadlineMs, async () =>
    (await get(url, signal))?.ok === true ? true : null,
  );
}

/** Waits until a branch of the sample app serves a commit. */
export async function awaitLive(
  url: string,
  commit: string,
  signal: AbortSignal,
  deadlineMs = 180_000,
): Promise<About> {
  return poll(`${url} did not come to serve commit ${commit.slice(0, 12)}`, signal, deadlineMs, async () => {
    const about = await readAbout(url, signal);
    return about?.commit === commit ? about : null;
  });
}

/** What the sample app at a URL says of itself, or `null` where it does not answer well. */
async function readAbout(url: string, signal: AbortSignal): Promise<About | null> {
  const response = await get(`${url}health`, signal);
  return response?.ok === true ? JSON.parse(await response.text()) : null;
}

async function get(url: string, signal: AbortSignal): Promise<Response | null> {
  try {
    return await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]) });
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function poll<T>(
  late: string,
  signal: AbortSignal,
  deadlineMs: number,
  look: () => Promise<T | null>,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new DemoError(`${late} within ${deadlineMs / 1000} s`);
    await sleep(100, undefined, { signal });
  }
}
