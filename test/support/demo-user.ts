import type { Machine, MachineResult } from '../machine/machine.ts';

const cache = '/home/dev/.cache/bough';
const argv = ['/opt/node/bin/node', '/opt/bough/script/lib/demo/main.ts', '--once'];

/** `dev` of a machine, who runs demos. */
export interface DemoUser {
  /** Runs a demo to its end. `programs` is a folder before all others in its PATH. */
  run(programs?: string): Promise<MachineResult>;
  /** Starts one. `kill` sends it a signal; `ended` is what came of it. */
  start(programs: string): { kill(signal: 'INT' | 'KILL'): Promise<void>; readonly ended: Promise<MachineResult> };
  /** Whatever a demo could leave: files of the user's and temporary ones, and units. Nothing of what Nix keeps. */
  traces(): Promise<string>;
}

/** Makes of the user `dev` one who has used this machine before: the folders of a home are there. */
export async function createDemoUser(machine: Machine): Promise<DemoUser> {
  const user = 'dev';
  const folders = [cache, ...['.local/state', '.config'].map((name) => `/home/dev/${name}`)];
  await machine.run(['mkdir', '-p', ...folders], { user });
  const pidFile = '/srv/demo-pid';
  await machine.run(['install', '-o', user, '/dev/null', pidFile]);

  const exec = async (programs: string, command: readonly string[]) => {
    const path = `${programs}:/opt/node/bin:/usr/bin:/bin`;
    return machine.exec(command, { user, env: { BOUGH_CACHE_DIR: cache, PATH: path }, timeoutMs: 120_000 });
  };
  const noted = ['sh', '-c', `echo $$ >${pidFile} && exec "$@"`, 'sh', ...argv];
  const kill = async (signal: string) => {
    await machine.run(['sh', '-c', `kill -${signal} "$(cat ${pidFile})"`], { user });
  };
  const look = `find "$HOME" "$XDG_RUNTIME_DIR" /tmp /var/tmp \\( -path "$HOME/.cache/nix" -o -path "$HOME/.local/state/nix" \\
      -o -path "$XDG_RUNTIME_DIR/dbus-1" -o -path "$XDG_RUNTIME_DIR/systemd/units" \\) -prune -o -print | sort
    systemctl --user list-units --all --plain --no-legend --full 'bough*'`;
  return {
    run: (programs = '/usr/local/bin') => exec(programs, argv),
    start: (programs) => ({ kill, ended: exec(programs, noted) }),
    traces: () => machine.run(['sh', '-c', look], { user }),
  };
}
