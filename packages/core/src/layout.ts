import { deploymentKey, type DeploymentId } from './deployment-id.ts';

/** The folders everything else is derived from. Absolute, no slash at the end. */
export interface Folders {
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly unitDir: string;
  readonly scope?: 'system' | 'user';
}

/** Where everything lives. Pure text; nothing here touches the disk. */
export type Layout = ReturnType<typeof layoutOf>;

/** The paths of one host, from its folders (design: state that must survive is below `stateDir`, sockets below `runtimeDir`). */
export function layoutOf({ stateDir, runtimeDir, unitDir, scope }: Folders) {
  // In the system scope systemd makes it (`StateDirectory=`), for a user that is there only while the receiver runs.
  const receiver = scope === 'system' ? '/var/lib/bough-receiver' : `${stateDir}-receiver`;
  const tokens = scope === 'system' ? '/var/lib/bough-tokens' : `${stateDir}-tokens`;
  const deployment = (id: DeploymentId) => `${stateDir}/deployments/${id.project}/${id.slug}`;
  const sockets = (id: DeploymentId) => `${runtimeDir}/${id.project}/${id.slug}`;
  return {
    stateDir,
    runtimeDir,
    unitDir,
    lock: `${runtimeDir}/worker.lock`,
    /** When each project was last looked at; see `progress/last-sweep.ts` of host. The dot: no project is called so. */
    lastSweep: `${runtimeDir}/last-sweep.json`,
    /** Where the worker takes what the command line asks for. */
    control: `${runtimeDir}/control.sock`,
    mirrors: `${stateDir}/mirrors`,
    mirror: (project: string) => `${stateDir}/mirrors/${project}.git`,
    /** Which derivations failed and need not be built again; only hints. */
    failures: `${stateDir}/failures`,
    nixCache: `${stateDir}/cache`,
    /** Holds what the build user has just built, until its release does. One is enough: builds go one after the other. */
    rootInHand: `${stateDir}/cache/root`,
    /** A configuration of git that lets others than its owner read the mirror; inside, so it goes with it. */
    mirrorReaders: (project: string) => `${stateDir}/mirrors/${project}.git/readers.gitconfig`,
    /** What the last evaluation of a deployment came to; only a hint, gone with it. */
    evaluation: (id: DeploymentId) => `${deployment(id)}/evaluation.json`,
    buildLogs: (id: DeploymentId) => `${deployment(id)}/logs`,
    /** What was decided about projects as a whole, a file for each; see `state/project-record.ts`. */
    projects: `${stateDir}/projects`,
    projectFile: (project: string) => `${stateDir}/projects/${project}.json`,
    deployments: `${stateDir}/deployments`,
    deployment,
    deploymentFile: (id: DeploymentId) => `${deployment(id)}/deployment.json`,
    /** What people asked for: a line of JSON each. */
    operations: (id: DeploymentId) => `${deployment(id)}/operations.jsonl`,
    releases: (id: DeploymentId) => `${deployment(id)}/releases`,
    releaseFile: (id: DeploymentId, seq: number) => `${deployment(id)}/releases/${seq}.json`,
    /** The GC root of a release: a symlink to its store path. */
    releaseRoot: (id: DeploymentId, seq: number) => `${deployment(id)}/releases/${seq}`,
    /** What the receiver keeps: a folder of its own, for it may not look into the worker's. */
    receiver,
    /** The deliveries ledger: SQLite, written by the receiver alone. */
    ledger: `${receiver}/deliveries.db`,
    /** The tokens of the API, a file each: `bough token` writes them, the receiver reads them. */
    tokens,
    units: `${stateDir}/units`,
    /** What a reboot brings back, a file for each live deployment; see `state/boot-record.ts`. */
    bootRecords: `${stateDir}/boot`,
    bootRecord: (id: DeploymentId) => `${stateDir}/boot/${deploymentKey(id)}`,
    unitFile: (unit: string) => `${stateDir}/units/${unit}`,
    unitLink: (unit: string) => `${unitDir}/${unit}`,
    sockets,
    /** What Caddy dials: a symlink to the socket of the release that serves. */
    currentSocket: (id: DeploymentId) => `${sockets(id)}/web.sock`,
    /** What Caddy answers with while the branch does not: a page the worker writes. */
    statusPage: (id: DeploymentId) => `${sockets(id)}/status.html`,
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
