import type { ObservedUnit } from './observed.ts';

/** What a person did to a unit that keeps it from being started, a sentence each. It is told and left alone. */
export function blocksOf({ name, load, link }: Pick<ObservedUnit, 'name' | 'load' | 'link'>): string[] {
  // A mask may be the very file that lies in the place of ours: one thing a person did, told once.
  if (load === 'masked') return [`${name} is masked: it is left alone; \`systemctl unmask\` it to let Bough start it`];
  if (link === 'foreign')
    return [`a file that is not Bough's lies where ${name} is linked: it is left alone; remove it`];
  return [];
}

/** What a person changed of a unit without keeping it from being started. */
export function dropInsOf({ name, dropIns }: ObservedUnit): string[] {
  return dropIns.length === 0 ? [] : [`${name} is changed by ${dropIns.join(', ')}`];
}
