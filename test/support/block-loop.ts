import { once } from 'node:events';
import { until } from './until.ts';

/**
 * Blocks the event loop of another Node process for good: SIGUSR1 opens its inspector, on loopback, which is told to
 * evaluate an endless loop. Nothing of the program is prepared for it.
 */
export async function blockLoop(pid: number): Promise<void> {
  process.kill(pid, 'SIGUSR1');
  const url = await until('the inspector listens', inspectorUrl, 10_000);
  const socket = new WebSocket(url);
  await once(socket, 'open');
  // Answered at once: the loop itself begins with the next turn.
  const expression = 'setTimeout(() => { for (;;); }, 0)';
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await once(socket, 'message');
  socket.close();
}

async function inspectorUrl(): Promise<string | undefined> {
  try {
    const found: unknown = await (await fetch('http://127.0.0.1:9229/json/list')).json();
    const [first]: unknown[] = Array.isArray(found) ? found : [];
    return typeof first === 'object' && first !== null && 'webSocketDebuggerUrl' in first
      ? String(first.webSocketDebuggerUrl)
      : undefined;
  } catch {
    return undefined; // not yet
  }
}
