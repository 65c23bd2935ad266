import { once } from 'node:events';
import { until } from './until.ts';

/**
 * Opens Node's inspector in another process, with SIGUSR1 and on loopback, and connects to it. Nothing of its program is
 * prepared for it. Throws where the process has ended.
 */
export async function connectInspector(pid: number): Promise<WebSocket> {
  process.kill(pid, 'SIGUSR1');
  const url = await until('the inspector listens', async () => process.kill(pid, 0) && (await inspectorUrl()), 10_000);
  const socket = new WebSocket(url);
  await once(socket, 'open', { signal: AbortSignal.timeout(2_000) });
  return socket;
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
