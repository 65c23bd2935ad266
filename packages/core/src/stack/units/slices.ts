import type { Config } from '../../config/config.ts';
import { quoteValue } from '../../systemd/quote.ts';
import type { StackHost } from '../stack-host.ts';

/** What puts the Nix daemon, whose unit is the system's, into the slice of builders. */
export const buildersDropIn = 'nix-daemon.service.d/bough.conf';

/** What gives the Nix daemon settings. The first of all drop-ins, so that one of a person's who sets `NIX_CONFIG` too wins. */
export const nixConfigDropIn = 'nix-daemon.service.d/00-bough.conf';

/** A limit of many processes together, so that previews cannot take what production needs. */
export function sliceUnit(description: string, limits: Config['previews']): string {
  return `[Unit]\nDescription=${description}\n\n[Slice]\n${limitsOf(limits).join('\n')}\n`;
}

/** A slice beside those of branches: a weight counts among siblings alone, so one of the daemon's own unit would not do. */
export function builders({ builders: { cpuWeight, ioWeight, ...limits } }: Config): [string, string][] {
  const slice = sliceUnit('Bough: the Nix daemon with its builders', limits);
  return [
    ['bough-builders.slice', `${slice}CPUWeight=${cpuWeight}\nIOWeight=${ioWeight}\n`],
    // A builder that runs out of memory must fail its build, not end the daemon with every other build.
    [buildersDropIn, '[Service]\nSlice=bough-builders.slice\nOOMPolicy=continue\n'],
  ];
}

/** `NIX_CONFIG` is read after nix.conf, on top of it (Nix 2.8 and 2.26). */
export function nixConfig({ nixConfig: lines }: StackHost): [string, string][] {
  if (lines === undefined) return [];
  return [[nixConfigDropIn, `[Service]\nEnvironment=${quoteValue(`NIX_CONFIG=${lines}`)}\n`]];
}

function limitsOf({ memoryMax, cpuQuota }: Config['previews']): string[] {
  return [`MemoryMax=${memoryMax}`, ...(cpuQuota === undefined ? [] : [`CPUQuota=${cpuQuota}`])];
}
