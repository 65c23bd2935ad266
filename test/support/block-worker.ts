import { once } from 'node:events';
import { connectInspector } from './inspector.ts';
import { systemctl } from './installation.ts';

/**
 * Blocks the event loop of the worker for a time, through Node's inspector, as a processor that never yields would.
 * Resolves when it is over, with whether it was so: there may be no worker, or it may die of something else meanwhile.
 */
export async function blockWorker(ms: number): Promise<boolean> {
  const pid = Number(await systemctl('show', '--value', '--property=MainPID', 'bough-worker.service'));
  if (pid === 0) return false;
  const socket = await connectInspector(pid).catch(() => null);
  if (socket === null) return false;
  // The last value is the answer: another process may have the port.
  const expression = `{ const end = performance.now() + ${ms}; while (performance.now() < end); process.pid }`;
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  const [event]: unknown[] = await Promise.race([once(socket, 'message'), once(socket, 'close')]);
  socket.close();
  return event instanceof MessageEvent && JSON.parse(String(event.data)).result?.result?.value === pid;
}
