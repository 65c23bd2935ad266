import { deploymentKey, type DeploymentId } from './deployment-id.ts';

/** What a unit of a release is for. `proxy` stands in front of a process that listens on `PORT`; `setup` runs `preStart`. */
export type UnitRole = 'socket' | 'proxy' | 'process' | 'setup' | 'timer';

/** The parts of one of our unit names. */
export interface UnitParts extends DeploymentId {
  readonly seq: number;
  readonly service: string;
  readonly role: UnitRole;
}

const suffix: Record<UnitRole, string> = {
  socket: '.socket',
  proxy: '--proxy.service',
  process: '.service',
  setup: '--setup.service',
  timer: '.timer',
};
const everyRole: readonly UnitRole[] = ['socket', 'proxy', 'process', 'setup', 'timer'];
const roles = new Map(everyRole.map((role) => [suffix[role], role]));
const part = '[a-z0-9](?:-?[a-z0-9])*';
const pattern = new RegExp(
  `^bough-(${part})--(${part})--r([1-9][0-9]{0,8})-(${part})(\\.socket|\\.timer|--(?:proxy|setup)\\.service|\\.service)$`,
);

/** All units Bough generates match this, for `systemctl list-units`. `parseUnitName` decides what is really ours. */
export const unitGlob = 'bough-*--*--r*';

/**
 * The name of a release's unit: `bough-<project>--<slug>--r<seq>-<service>.service`. No part contains `--`, so no two
 * deployments share a name and none is a prefix of another's.
 */
export function unitName({ seq, service, role, ...id }: UnitParts): string {
  return `bough-${deploymentKey(id)}--r${seq}-${service}${suffix[role]}`;
}

/** The parts of a unit's name, or `null` where it is none of ours. The inverse of `unitName`. */
export function parseUnitName(name: string): UnitParts | null {
  const match = pattern.exec(name);
  if (match === null) return null;
  const [, project = '', slug = '', seq = '', service = '', end = ''] = match;
  const role = roles.get(end);
  return role === undefined ? null : { project, slug, seq: Number(seq), service, role };
}

/** The name of every unit a release may have, whether its services need it or not. */
export function unitNamesOf({
  manifest,
  ...release
}: DeploymentId & {
  readonly seq: number;
  readonly manifest: { readonly services: Readonly<Record<string, unknown>> };
}): string[] {
  return Object.keys(manifest.services).flatMap((service) =>
    everyRole.map((role) => unitName({ ...release, service, role })),
  );
}
