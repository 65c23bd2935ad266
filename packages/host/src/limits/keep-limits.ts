import { isDeepStrictEqual } from 'node:util';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Logger } from 'pino';
import { note } from '../operate/note.ts';
import type { Actions } from '../progress/actions.ts';
import { writeStatusPage } from '../reconcile/write-status-page.ts';
import { createSerialise } from '../serialise.ts';
import { writeBootRecord } from '../state/boot-record.ts';
import { describeAct, type LimitsHost, lookAtLimits, type PlannedLimits } from './look-at-limits.ts';

/** What keeping the limits needs of the host. */
export interface KeepLimitsHost extends LimitsHost {
  /** The longest any unit may take to stop; its own text ends it. */
  readonly stopTimeoutMs: number;
  readonly enqueueReconcile: (id: DeploymentId) => Promise<unknown>;
  readonly log: Logger;
  /** Where what is waited for is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/** Keeps the limits of one project; `found` is told of every act with its reason. Gives those a reconcile was asked for. */
export type KeepLimits = (project: string, found: (line: string) => void) => Promise<readonly DeploymentId[]>;

type Act = PlannedLimits['acts'][number];

/**
 * Puts previews to sleep, or lets them expire, as the limits of their project ask for. The reason is recorded first, with
 * the deployment, so that no reconcile heals what is meant; one that is not carried out after that is found live by the
 * next look, and decided anew.
 * The function made throws what systemd and the store throw, once it has tried every act.
 */
export function createKeepLimits(host: KeepLimitsHost): KeepLimits {
  const serialise = createSerialise(host.actions, (project) => `whoever keeps the limits of ${project}`, {
    needsRedis: true, // of what is woken or expires a reconcile is enqueued
  });
  return async (project, found) =>
    await serialise(project, async () => {
      const looked = await lookAtLimits(host, project);
      if (looked === null) return [];
      const asked: DeploymentId[] = [];
      for (const { socket } of looked.previews) if (socket !== null) await looked.visits.await(socket);
      const failures: unknown[] = [];
      for (const act of looked.acts) {
        try {
          const line = await carryOut(host, act);
          if (line === null) continue;
          found(line);
          const { slug, branch } = act.preview.deployment;
          // An expired one is taken down, one that was woken gets back what no visit wakes.
          if (act.kind !== 'sleep') {
            await host.enqueueReconcile({ project, slug });
            asked.push({ project, slug });
          }
          host.log.info({ project, deployment: slug, branch, act: act.kind, why: act.why }, 'a limit of the project');
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return asked;
    });
}

/** Does one act, unless something has changed since it was decided. Says what it did. */
async function carryOut(host: KeepLimitsHost, act: Act): Promise<string | null> {
  const { layout, store } = host;
  const { deployment, serving } = act.preview;
  if (store.isLocked(deployment)) return null;
  return await store.withLock(deployment, async () => {
    if (!isDeepStrictEqual(await store.read(deployment), deployment)) return null;
    const ruling = { at: host.now().toISOString(), why: act.why };
    switch (act.kind) {
      case 'wake':
        await store.write({ ...deployment, asleep: null, expired: null }); // expired: of the production branch, or by a wrong clock
        if (serving !== null) await writeBootRecord(layout, serving, false);
        return describeAct(act);
      case 'expire':
        await note(layout, deployment, { ...ruling, kind: 'expire', by: 'bough' });
        await store.write({ ...deployment, expired: ruling, asleep: null });
        return describeAct(act);
      case 'sleep':
        await store.write({ ...deployment, asleep: ruling });
        if (serving !== null) await writeBootRecord(layout, serving, true);
        return (await stop(host, act)) ? describeAct(act) : `${describeAct(act)}; a visit woke it at once`;
    }
  });
}

/** Stops the processes; the sockets go on listening. `false`: a visitor was quicker. */
async function stop({ layout, systemd, stopTimeoutMs }: KeepLimitsHost, { preview }: Act): Promise<boolean> {
  try {
    await systemd.stop(preview.running, stopTimeoutMs + 10_000);
  } catch (error) {
    // Whoever connects while it stops has it started again, and that ends the job to stop it.
    const states = await systemd.show(preview.running);
    if (states.some(({ active }) => active === 'active' || active === 'activating')) return false;
    throw error;
  }
  // Its visitors start it again as often as they like: systemd must not count what it was stopped for as a crash.
  await systemd.resetFailed(preview.running);
  // Not before: with the page there, Caddy would not try again a request that was cut off.
  await writeStatusPage(layout, preview.deployment, { state: 'sleeping' });
  return true;
}
