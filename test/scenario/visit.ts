import { setTimeout as sleep } from 'node:timers/promises';

/** One visit of a page: its status, 0 for no answer, and its text. */
export async function visit(url: string): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

/** Waits until something is so, with a deadline for a slow host. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean, deadlineMs = 180_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs / 1000} s: ${what}`);
    await sleep(50);
  }
}

/** Visits a page again and again while something is done, and gives how many visits there were and which were lost. */
export async function visitedWhile(url: string, act: () => Promise<void>): Promise<{ visits: number; lost: string[] }> {
  const end = new AbortController();
  const lost: string[] = [];
  let visits = 0;
  const visitor = async () => {
    while (!end.signal.aborted) {
      const { status, text } = await visit(url);
      visits += 1;
      if (status !== 200) lost.push(`${status} ${text.slice(0, 200)}`);
    }
  };
  const visitors = [visitor(), visitor(), visitor(), visitor()];
  try {
    await act();
  } finally {
    end.abort();
    await Promise.all(visitors);
  }
  return { visits, lost };
}
