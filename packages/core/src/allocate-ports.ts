import { AppError } from './app-error.ts';

/**
 * The lowest free port for each service. `taken` are the ports on record and those something listens on.
 * @throws AppError PORTS_EXHAUSTED
 */
export function allocatePorts(
  services: readonly string[],
  range: { readonly from: number; readonly to: number },
  taken: ReadonlySet<number>,
): Record<string, number> {
  const ports: Record<string, number> = {};
  let next = range.from;
  for (const service of services) {
    while (taken.has(next)) next++;
    if (next > range.to) {
      throw new AppError(
        'PORTS_EXHAUSTED',
        `no port from ${range.from} to ${range.to} is free; raise ports.to or remove branches`,
      );
    }
    ports[service] = next++;
  }
  return ports;
}
