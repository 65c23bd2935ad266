import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemctl } from './installation.ts';

/**
 * Blocks the event loop of the worker for a time, through Node's inspector, as a processor that never yields would.
 * Resolves when it is over; at once where there is no worker.
 */
export async function blockWorker(ms: number): Promise<void> {
  const pid = Number(await systemctl('show', '--value', '--property=MainPID', 'bough-worker.service'));
  if (pid === 0) return;
  try {
    process.kill(pid, 'SIGUSR1');
    const socket = new WebSocket(await inspectorOf());
    await once(socket, 'open', { signal: AbortSignal.timeout(2_000) });
    const expression = `{ const end = performance.now() + ${ms}; while (performance.now() < end); }`;
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
    await Promise.race([once(socket, 'message'), once(socket, 'close')]);
    socket.close();
  } catch {
    // It has ended, or another that is standing by has the port.
  }
}

async function inspectorOf(): Promise<string> {
  for (let tries = 0; tries < 50; tries++) {
    const answer = await fetch('http://127.0.0.1:9229/json').catch(() => null);
    if (answer !== null) {
      const targets: { webSocketDebuggerUrl: string }[] = JSON.parse(await answer.text());
      if (targets[0] !== undefined) return targets[0].webSocketDebuggerUrl;
    }
    await sleep(20);
  }
  throw new Error('there is no inspector');
}
