import { systemctl } from './installation.ts';

const unit = 'nix-daemon.service';

/** Restarts the Nix daemon. Debian's unit has KillMode=process: connections and builders go on, only new ones meet the new daemon. */
export async function restartNixDaemon(): Promise<void> {
  await systemctl('reset-failed', unit); // systemd counts how often it is started
  await systemctl('restart', unit);
}

/** Kills the Nix daemon with its connections and their builders, and starts it anew. */
export async function killNixDaemon(): Promise<void> {
  await systemctl('kill', '--kill-whom=all', '--signal=SIGKILL', unit).catch(() => undefined); // its socket starts it when it is needed
  await restartNixDaemon();
}
