import type { ProjectOperation, ProjectResult } from '@bough/core/control/project-operation.ts';
import type { Logger } from 'pino';
import { changeProject, type ProjectHost } from '../state/project-store.ts';

/** What operating on projects needs of the host. */
export interface OperateProjectHost extends ProjectHost {
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * Records whether branches that are new to a project begin suspended. Those it has are each asked for on their own, after
 * this. Call it only while holding the worker lock.
 */
export async function operateProject(
  host: OperateProjectHost,
  { kind, project, by, why }: ProjectOperation,
): Promise<ProjectResult> {
  const suspended = { by, at: host.now().toISOString(), why };
  const { before, after } = await changeProject(host, project, (record) => {
    if (kind === 'resume') return null;
    return record ?? { schema: 1, project, suspended };
  });
  const result = { kind, project, changed: after !== before, suspended: after?.suspended ?? null };
  host.log.info({ result, by, why }, 'a person asked');
  return result;
}
