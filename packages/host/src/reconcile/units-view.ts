import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { UnitState } from '@bough/core/systemd/unit-state.ts';
import { parseUnitName, unitGlob } from '@bough/core/unit-name.ts';
import type { Systemd } from '../systemd/systemd.ts';
import type { UnitFiles } from '../systemd/unit-files.ts';

/** Which units there are, on disk or in systemd, and what systemd says of them. */
export interface UnitsView {
  /** The names of one deployment's units. */
  readonly namesOf: (id: DeploymentId) => Promise<readonly string[]>;
  /** The state of each unit named; one that does not exist has `load` `not-found`. */
  readonly show: (units: readonly string[]) => Promise<readonly UnitState[]>;
}

interface UnitsHost {
  readonly systemd: Pick<Systemd, 'list' | 'show'>;
  readonly unitFiles: Pick<UnitFiles, 'names'>;
}

/** Looks each time it is asked, at one deployment: two runs of systemctl for each. */
export function unitsNow({ systemd, unitFiles }: UnitsHost): UnitsView {
  return {
    async namesOf(id) {
      const names = [...(await unitFiles.names()), ...(await systemd.list(`bough-${deploymentKey(id)}--r*`))];
      return names.filter((name) => keyOf(name) === deploymentKey(id));
    },
    show: (units) => systemd.show(units),
  };
}

/** Looks once, at all deployments together, or at those of a project, and goes by that. */
export async function unitsAtOnce(
  { systemd, unitFiles }: UnitsHost,
  project?: string,
): Promise<UnitsView & { readonly deployments: readonly DeploymentId[] }> {
  const all = new Set([...(await unitFiles.names()), ...(await systemd.list(unitGlob))]);
  const names = [...all].filter((name) => project === undefined || parseUnitName(name)?.project === project);
  const ofDeployments = Map.groupBy(names, keyOf);
  ofDeployments.delete(null);
  const ours = [...ofDeployments.values()].flat();
  const states = new Map((await systemd.show(ours)).map((state) => [state.name, state]));
  return {
    deployments: [...ofDeployments.values()].flatMap(([name = '']) => {
      const parts = parseUnitName(name);
      return parts === null ? [] : { project: parts.project, slug: parts.slug };
    }),
    namesOf: (id) => Promise.resolve(ofDeployments.get(deploymentKey(id)) ?? []),
    async show(units) {
      const known = units.flatMap((unit) => states.get(unit) ?? []);
      const others = units.filter((unit) => !states.has(unit)); // expected, and neither on disk nor loaded: seldom any
      return [...known, ...(await systemd.show(others))];
    },
  };
}

function keyOf(unit: string): string | null {
  const parts = parseUnitName(unit);
  return parts === null ? null : deploymentKey(parts);
}
