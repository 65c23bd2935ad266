import { once } from 'node:events';
import { connectInspector } from './inspector.ts';

/** Blocks the event loop of another Node process for good: its inspector is told to evaluate an endless loop. */
export async function blockLoop(pid: number): Promise<void> {
  const socket = await connectInspector(pid);
  // Answered at once: the loop itself begins with the next turn.
  const expression = 'setTimeout(() => { for (;;); }, 0)';
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await once(socket, 'message');
  socket.close();
}
