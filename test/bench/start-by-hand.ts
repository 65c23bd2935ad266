import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';

const port = 19_999; // below those that deployments get

/** Starts a program that listens on `PORT`, as a person would in a terminal. Gives the ms until it answered. */
export async function startByHand(program: string): Promise<number> {
  const began = performance.now();
  const env = { PATH: process.env['PATH'], PORT: String(port), BOUGH_RELEASE: '1', BOUGH_BRANCH: 'by hand' };
  const child = spawn(program, { env, stdio: 'ignore' });
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
  }
  const ms = performance.now() - began;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return ms;
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.resume().on('end', () => resolve(true));
    });
    sent.on('error', () => setTimeout(resolve, 1, false));
    sent.end();
  });
}
