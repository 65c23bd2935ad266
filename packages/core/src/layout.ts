import { deploymentKey, type DeploymentId } from './deployment-id.ts';

/** The folders everything else is derived from. Absolute, no slash at the end. */
export interface Folders {
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly unitDir: string;
}

/** Where everything lives. Pure text; nothing here touches the disk. */
export type Layout = ReturnType<typeof layoutOf>;

/** The paths of one host, from its folders (design: state that must survive is below `stateDir`, sockets below `runtimeDir`). */
export function layoutOf({ stateDir, runtimeDir, unitDir }: Folders) {
  const deployment = (id: DeploymentId) => `${stateDir}/deployments/${id.project}/${id.slug}`;
  const sockets = (id: DeploymentId) => `${runtimeDir}/${id.project}/${id.slug}`;
  return {
    stateDir,
    runtimeDir,
    unitDir,
    lock: `${runtimeDir}/worker.lock`,
    mirrors: `${stateDir}/mirrors`,
    mirror: (project: string) => `${stateDir}/mirrors/${project}.git`,
    nixCache: `${stateDir}/cache`,
    buildLogs: (id: DeploymentId) => `${deployment(id)}/logs`,
    deployments: `${stateDir}/deployments`,
    deployment,
    deploymentFile: (id: DeploymentId) => `${deployment(id)}/deployment.json`,
    releases: (id: DeploymentId) => `${deployment(id)}/releases`,
    releaseFile: (id: DeploymentId, seq: number) => `${deployment(id)}/releases/${seq}.json`,
    /** The GC root of a release: a symlink to its store path. */
    releaseRoot: (id: DeploymentId, seq: number) => `${deployment(id)}/releases/${seq}`,
    units: `${stateDir}/units`,
    unitFile: (unit: string) => `${stateDir}/units/${unit}`,
    unitLink: (unit: string) => `${unitDir}/${unit}`,
    sockets,
    /** What Caddy dials: a symlink to the socket of the release that serves. */
    currentSocket: (id: DeploymentId) => `${sockets(id)}/web.sock`,
    releaseSocketName: (seq: number, service: string) => `r${seq}-${service}.sock`,
    releaseSocket: (id: DeploymentId, seq: number, service: string) => `${sockets(id)}/r${seq}-${service}.sock`,
    /** Below `StateDirectory=` and its relatives: survives releases, ends with the deployment. */
    appDirectory: (id: DeploymentId) => `bough-apps/${deploymentKey(id)}`,
  };
}

/** The longest socket path a project can come to: a slug of 40, a sequence number of 5 digits, a service of 16. */
export function longestSocketPath(layout: Layout, project: string): string {
  return layout.releaseSocket({ project, slug: 'x'.repeat(40) }, 99_999, 's'.repeat(16));
}
