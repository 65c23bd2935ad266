import type { ForgeAdapter } from '@bough/core/forge/adapter.ts';
import type { Headers } from '@bough/core/forge/proof.ts';

/** What the address and the headers of a request say it is. Nothing of it was proved or checked. */
export interface DeliveryHead {
  readonly project: string;
  /** The forge of the project; `null` where there is no such webhook. */
  readonly forge: string | null;
  readonly id: string | undefined;
  readonly event: string | undefined;
}

/** Reads them as the project's forge names them. */
export function readHead(
  project: string,
  forge: string | null,
  adapter: ForgeAdapter | null,
  headers: Headers,
): DeliveryHead {
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => headers[name]).find((value) => typeof value === 'string');
  return {
    project,
    forge,
    id: first(adapter?.deliveryHeaders ?? []),
    event: first(adapter === null ? [] : [adapter.eventHeader]),
  };
}
