import type { Observed, ObservedUnit } from '@bough/core/reconcile/observed.ts';
import type { Step } from '@bough/core/reconcile/step.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import { Manifest } from '@bough/core/state/manifest.ts';
import type { Release, Verdict } from '@bough/core/state/release.ts';

/** A world plans are carried out on in memory, to say what a plan leads to. Real systemd is tried in the machines. */
export interface Model {
  readonly deployment: Deployment | null;
  readonly releases: readonly Release[];
  readonly observed: Observed;
}

/** A release of `demo` `main` with the service `web` behind a port. */
export function aRelease(seq: number, state: Verdict['state'] = 'pending', changes: Partial<Release> = {}): Release {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    schema: 1,
    project: 'demo',
    slug: 'main',
    branch: 'main',
    seq,
    commit: String(seq % 10).repeat(40),
    drvPath: `/nix/store/${'d'.repeat(32)}-app.drv`,
    outPath: `/nix/store/${String(seq % 10).repeat(32)}-app`,
    manifest: Manifest.parse({
      schema: 1,
      services: { web: { exec: [`/nix/store/${String(seq % 10).repeat(32)}-app/bin/app`] } },
    }),
    ports: { web: 20_000 + seq },
    asked: { by: 'sweep' },
    builtAt: at,
    buildMs: 1,
    prepared: false,
    switchedAt: null,
    verdict:
      state === 'failed'
        ? { state, at, code: 'APP_EXITED', message: 'it ended' }
        : state === 'verified'
          ? { state, at }
          : { state },
    ...changes,
  };
}

/** A unit as found. */
export function aUnit(name: string, changes: Partial<ObservedUnit> = {}): ObservedUnit {
  return {
    name,
    load: 'loaded',
    active: 'active',
    sub: 'running',
    fragmentPath: `/run/systemd/system/${name}`,
    dropIns: [],
    needsReload: false,
    invocation: 'a',
    mainPid: 1,
    restarts: 0,
    result: 'success',
    exitKind: 0,
    exitStatus: 0,
    text: '',
    link: 'linked',
    isDeaf: false,
    ...changes,
  };
}

const absent = { load: 'not-found', active: 'inactive', sub: 'dead', text: null, link: 'missing' } as const;

/** The world after a step went well. */
export function carryOut(model: Model, step: Step): Model {
  const units = new Map(model.observed.units);
  const change = (name: string, changes: Partial<ObservedUnit>) =>
    units.set(name, { ...(units.get(name) ?? aUnit(name, absent)), ...changes });
  const next = (observed: Partial<Observed>, rest: Partial<Model> = {}): Model => ({
    ...model,
    ...rest,
    observed: { ...model.observed, units, ...observed },
  });
  switch (step.kind) {
    case 'hold-root':
      return next({ roots: new Set([...model.observed.roots, step.seq]) });
    case 'write-unit':
      change(step.unit, { text: step.text });
      return next({});
    case 'link-unit':
      change(step.unit, { link: 'linked' });
      return next({});
    case 'reload-systemd':
      for (const [name] of units) change(name, { needsReload: false });
      return next({});
    case 'start-units':
      for (const name of step.failed) change(name, { active: 'inactive' });
      for (const name of step.units) change(name, { load: 'loaded', active: 'active', isDeaf: false });
      return next({ hasSocketFolder: true });
    case 'prepare':
      return next(
        {},
        {
          releases: model.releases.map((release) =>
            release.seq === step.seq ? { ...release, prepared: true } : release,
          ),
        },
      );
    case 'verify':
      return next(
        {},
        {
          releases: model.releases.map((release) =>
            release.seq === step.seq
              ? { ...release, verdict: { state: 'verified', at: '2026-01-01T00:00:00.000Z' } }
              : release,
          ),
        },
      );
    case 'switch':
      return next({ serving: step.seq, hasCurrentSocket: true });
    case 'withdraw':
      return next({ serving: null, hasCurrentSocket: false });
    case 'check-units':
    case 'drain':
    case 'finish':
    case 'clean-app':
      return model;
    case 'stop-units':
      for (const name of step.units) change(name, { active: 'inactive' });
      return next({});
    case 'forget-unit':
      units.delete(step.unit);
      return next({});
    case 'remove-release':
      return next(
        { roots: new Set([...model.observed.roots].filter((seq) => seq !== step.seq)) },
        { releases: model.releases.filter(({ seq }) => seq !== step.seq) },
      );
    case 'remove-sockets':
      return next({ hasSocketFolder: false, hasCurrentSocket: false, serving: null });
    case 'remove-deployment':
      return next({}, { deployment: null });
  }
}
