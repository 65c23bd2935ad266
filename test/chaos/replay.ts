import { readFile } from 'node:fs/promises';
import { describeEvent, type Event } from './schedule.ts';

/** What happened in a run that failed, an event a line, and the command that plays it again. */
export function describeRun(seed: number, events: readonly Event[], image: string): string[] {
  const command = `script/test chaos --runs 1 --seed ${seed} --length ${events.length} --image ${image}`;
  return [...events.map((event) => `    ${describeEvent(event)}`), `  played again by: ${command}`];
}

/** The same inside the machine it ran on. */
export async function describeRunHere(seed: number, events: readonly Event[]): Promise<string> {
  const image = /^VERSION_CODENAME=(.*)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? '';
  return describeRun(seed, events, image).join('\n');
}
