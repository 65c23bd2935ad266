import type { Config } from '../config/config.ts';

const gib = 2 ** 30;

/** How many bytes of garbage a collection should remove, given what is free: 0 for none, `null` for all there is. */
export function bytesToFree(freeBytes: number, { highFreeGiB }: Config['gc'], all: boolean): number | null {
  return all ? null : Math.max(0, highFreeGiB * gib - freeBytes);
}

/** Whether so little is free that a build should not begin. */
export function isLow(freeBytes: number, { lowFreeGiB }: Config['gc']): boolean {
  return freeBytes < lowFreeGiB * gib;
}

/** Bytes as a person reads them: `1.5 GiB`. */
export function readableBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
