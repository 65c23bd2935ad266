import { AppError } from '@bough/core/app-error.ts';
import { run } from './place.ts';
import { DemoError } from './say.ts';

/**
 * Builds something that takes a moment: whether this user may use Nix, and whether it builds as the sample app wants it. That is
 * to build without a network, so without nixpkgs, and has its `mkdir` from the host, which a sandbox does not show.
 * @throws DemoError that says what to do
 */
export async function tryNix(path: string): Promise<void> {
  const trial = `derivation {
    name = "bough-demo-trial-${Date.now()}";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" "mkdir $out" ];
    PATH = "/usr/bin:/bin";
  }`;
  try {
    await run(['nix-build', '--no-out-link', '--expr', trial], { env: { PATH: path }, timeoutMs: 60_000 });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const said = [error.message, ...error.log].join('\n');
    throw new DemoError(`${adviceOn(said)}\n${said}`, { cause: error });
  }
}

const asRoot = 'Run the demo as root: it then builds in a Debian of its own.';

function adviceOn(said: string): string {
  // A sandbox has a shell or not, as it was configured.
  if (/mkdir: (command )?not found|executing '\/bin\/sh': No such file/.test(said))
    return `Nix builds in a sandbox here, where the sample app finds no program of the host. ${asRoot}`;
  if (/daemon-socket.*Permission denied|Permission denied.*daemon-socket/.test(said))
    return `You may not use Nix here. Join the group it is for (Debian: sudo adduser $USER nix-users) and log in again. ${asRoot}`;
  return `Nix does not build here. ${asRoot}`;
}
