import type { ForgeEvent } from '@bough/core/forge/event.ts';
import { type PushFilter, type Route, routeEvent } from '@bough/core/forge/route.ts';

/** An event, and where it leads. */
export interface Routed {
  readonly event: ForgeEvent;
  readonly route: Route;
}

/** More than lead somewhere are one look at all of them: the forge's refs tell the rest. */
const maxAlone = 100;
/** So many may ask not to be built even then. A job of each costs the worker one fetch. */
const maxSkips = 1_000;

/**
 * Which events of a delivery are acted on one by one, in their order, and which are left to one sweep. What leads nowhere costs
 * nothing, and no sweep could know that a push asked not to be built.
 */
export function divideEvents(
  events: readonly ForgeEvent[],
  filter: PushFilter,
): { readonly alone: readonly Routed[]; readonly together: readonly Routed[] } {
  const routed = events.map((event) => ({ event, route: routeEvent(event, filter) }));
  const leading = routed.filter(({ route }) => route.to !== 'none');
  if (leading.length <= maxAlone) return { alone: routed, together: [] };
  const skips = leading.filter(({ route }) => route.to === 'build' && route.skip !== undefined);
  const together = new Set(leading).difference(new Set(skips.slice(0, maxSkips)));
  return { alone: routed.filter((each) => !together.has(each)), together: [...together] };
}
