import { describeError } from '@bough/core/app-error.ts';
import type { CollectGarbage } from '@bough/host/gc/collect-garbage.ts';
import type { Mirror } from '@bough/host/git/mirror.ts';

/** A collection after which git looks after the mirrors of these projects. One that cannot be packed is a problem of the collection. */
export function withTidyMirrors(
  { mirror, projects }: { readonly mirror: Pick<Mirror, 'tidy'>; readonly projects: readonly string[] },
  collect: CollectGarbage,
): CollectGarbage {
  return async (run) => {
    const outcome = await collect(run);
    const problems = [...outcome.problems];
    for (const project of projects) {
      try {
        if (await mirror.tidy(project, run.signal)) run.log(`git has looked after the mirror of ${project}`);
      } catch (error) {
        run.signal.throwIfAborted();
        const problem = `the mirror of ${project} is left as it is: ${describeError(error)}`;
        problems.push(problem);
        run.log(`problem: ${problem}`);
      }
    }
    return { ...outcome, problems };
  };
}
