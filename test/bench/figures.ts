import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** Prints the median and the largest of some figures. */
export function show(what: string, figures: readonly number[], unit = 'ms'): void {
  const largest = Math.max(...figures);
  console.log(
    `${what}: median ${round(median(figures))} ${unit}, largest ${round(largest)} ${unit}, of ${figures.length}`,
  );
}

/** The middle one; of an even number the upper of the two. */
export function median(figures: readonly number[]): number {
  return percentile(figures, 0.5);
}

/** The figure that this share of them does not exceed. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Three figures that count, whatever the size. */
export function round(figure: number): string {
  return Math.abs(figure) >= 100 ? String(Math.round(figure)) : String(Number(figure.toPrecision(3)));
}

/** Prints what the figures depend on: which Debian, how many processors, and what else they have to do. */
export function showPlace(when: string): void {
  const [, name = ''] = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? [];
  const systemd = /^systemd (\d+)/.exec(execFileSync('systemctl', ['--version'], { encoding: 'utf8' }))?.[1];
  const load = loadavg().map((figure) => figure.toFixed(1));
  console.log(`${when}: ${name}, systemd ${systemd}, ${cpus().length} processors, load ${load.join(' ')}`);
}
