/** A process of this host. */
export interface HostProcess {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
  readonly argv: readonly string[];
  /** It is of a container, where the numbers of processes are others. */
  readonly isContained: boolean;
  /** As whom: a builder of Nix, which Nix gives a user of its own where it can. */
  readonly builds: 'as build user' | 'as its client' | null;
}

/**
 * The processes that build, or are about to, for nobody: a builder is a child of the Nix daemon, which ends it once its
 * client is gone, but may be a moment late with that, or frozen. What builds for a client that lives is not ours to wait for.
 *
 * The daemon makes a process for each connection and writes the number of the client into the arguments of it
 * (https://github.com/NixOS/nix, `processConnection`). A Nix without a daemon is its builder's parent itself.
 */
export function orphanedBuilders(processes: readonly HostProcess[]): HostProcess[] {
  const byPid = new Map(processes.map((each) => [each.pid, each]));
  const builders = processes.filter(({ builds }) => builds !== null);

  /** Whoever started a builder: the first above it that is none. */
  function keeperOf({ parent }: HostProcess): HostProcess | undefined {
    const above = byPid.get(parent);
    return above === undefined || above.builds === null ? above : keeperOf(above);
  }

  const isOrphan = (connection: HostProcess): boolean => {
    const client = byPid.get(clientOf(connection) ?? connection.pid);
    return client === undefined || client.startTime > connection.startTime; // its number was given out again
  };
  const isKept = (builder: HostProcess): boolean => {
    const keeper = keeperOf(builder);
    if (keeper === undefined || !/^nix(-|$)/.test(programOf(keeper))) return false;
    return !isConnection(keeper) || !isOrphan(keeper);
  };

  // What a builder left behind in the background has lost its parent. Nix lets no two builds have one user.
  const users = new Set(
    builders.filter((each) => each.builds === 'as build user' && isKept(each)).map(({ uid }) => uid),
  );
  return [
    ...processes.filter((each) => isConnection(each) && isOrphan(each)),
    ...builders.filter((each) => !isKept(each) && !(each.builds === 'as build user' && users.has(each.uid))),
  ];
}

/** Whether a process could be one of these: only of such is more to be known than whose it is. */
export function mayBeNix(name: string): boolean {
  return name.startsWith('nix');
}

function isConnection(each: HostProcess): boolean {
  return each.uid === 0 && !each.isContained && mayBeNix(programOf(each)) && clientOf(each) !== null;
}

/** `null` where the daemon did not know it. */
function clientOf({ argv: [, first = ''] }: HostProcess): number | null {
  return /^[1-9]\d*$/.test(first) ? Number(first) : null;
}

function programOf({ argv: [program = ''] }: HostProcess): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
