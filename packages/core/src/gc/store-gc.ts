import type { NixArgv } from '../nix/nix-argv.ts';

/** What a collection of the store removed, by its own account. */
export interface Collected {
  readonly paths: number;
  readonly bytes: number;
}

/**
 * Deletes garbage from the store, `maxFreed` bytes of it at the most. Never `nix-collect-garbage -d`: that deletes old
 * generations of other people's profiles.
 */
export function collectArgv(maxFreed: number | null): NixArgv {
  return ['nix-store', '--gc', ...(maxFreed === null ? [] : ['--max-freed', String(Math.ceil(maxFreed))])];
}

/** Lists what is garbage, a path a line, and deletes nothing. */
export const printDeadArgv: NixArgv = ['nix-store', '--gc', '--print-dead'];

/** Tells the sizes of store paths as JSON, read by `parseSizes`; one that is not valid is no error. */
export function sizesArgv(paths: readonly string[]): NixArgv {
  return ['nix', '--extra-experimental-features', 'nix-command', 'path-info', '--json', '--', ...paths];
}

/** Reads `123 store paths deleted, 4.56 MiB freed`; newer versions of Nix choose the unit. Nothing found is nothing freed. */
export function parseCollected(output: string): Collected {
  const found = /(\d+) store paths? deleted, (-?[\d.]+) ([KMGT]?i?B)\b/.exec(output);
  if (found === null) return { paths: 0, bytes: 0 };
  const [, paths, size, unit = 'B'] = found;
  const scale = 1024 ** ' KMGT'.indexOf(unit.length > 1 ? (unit[0] ?? ' ') : ' ');
  return { paths: Number(paths), bytes: Math.max(0, Math.round(Number(size) * scale)) };
}

/** The sum of the sizes `nix path-info --json` tells. Nix 2.8 prints an array, newer versions an object by path. */
export function parseSizes(json: string): number {
  const parsed: unknown = JSON.parse(json);
  const infos: unknown[] = typeof parsed === 'object' && parsed !== null ? Object.values(parsed) : [];
  return infos.reduce<number>((sum, info) => sum + narSizeOf(info), 0);
}

function narSizeOf(info: unknown): number {
  return typeof info === 'object' && info !== null && 'narSize' in info && typeof info.narSize === 'number'
    ? info.narSize
    : 0;
}
