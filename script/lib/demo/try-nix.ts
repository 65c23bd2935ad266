import { AppError } from '@bough/core/app-error.ts';
import { run } from './place.ts';

/**
 * Builds something that takes a moment: whether this user may use Nix, and whether it builds as the sample app wants it. That is
 * to build without a network, so without nixpkgs, and has its `mkdir` from the host, which a sandbox does not show.
 * @returns what Nix said when it did not build, else `null`
 */
export async function tryNix(path: string): Promise<string | null> {
  const trial = `derivation {
    name = "bough-demo-trial-${Date.now()}";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" "mkdir $out" ];
    PATH = "/usr/bin:/bin";
  }`;
  try {
    await run(['nix-build', '--no-out-link', '--expr', trial], { env: { PATH: path }, timeoutMs: 60_000 });
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [error.message, ...error.log].join('\n');
  }
}
