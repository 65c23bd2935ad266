import type { Plan } from '@bough/core/reconcile/plan.ts';
import type { Step } from '@bough/core/reconcile/step.ts';
import type { Release } from '@bough/core/state/release.ts';

const bringsUp: readonly Step['kind'][] = ['start-units', 'verify', 'switch'];

/**
 * Tells from a reconcile's plan and steps when a release serves, which is before the old one has drained and stopped.
 * `promise` stays pending where another release, or none, is what the first plan brings up.
 */
export function watchServing(desired: number | null) {
  const { promise, resolve } = Promise.withResolvers<{ drift: readonly string[] }>();
  let first: Plan | null = null;
  let left = 0;
  let switched = false;
  const check = () => {
    if (first !== null && left === 0) resolve(first);
  };

  return {
    promise,
    switched: () => switched,
    onPlan(plan: Plan, target: Release | null): void {
      if (first !== null || target === null || target.seq !== desired) return;
      if (plan.blocks.length > 0) return; // a plan without steps then says nothing of whether it serves
      first = plan;
      left = plan.steps.filter(({ kind }) => bringsUp.includes(kind)).length;
      check();
    },
    onStep({ kind }: Step): void {
      if (kind === 'switch') switched = true;
      if (bringsUp.includes(kind)) left -= 1;
      check();
    },
  };
}
