import type { ProjectResult } from '../control/project-operation.ts';

/** What became of an operation on a project, in one sentence; its branches are told of each on their own. */
export function describeProjectResult({ project, changed, suspended }: ProjectResult): string {
  if (suspended !== null) {
    const { by, why } = suspended;
    return changed
      ? `${project}: suspended, new branches are built and not started`
      : `${project}: is suspended already, by ${by}: ${why || 'no reason given'}`;
  }
  return changed ? `${project}: resumed, new branches are started` : `${project}: new branches are started already`;
}
