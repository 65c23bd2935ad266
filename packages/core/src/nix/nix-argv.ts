/** A command line of Nix. */
export type NixArgv = readonly [string, ...string[]];

const option = (name: string, value: string): string[] => ['--option', name, value];
// Only settings that the daemon takes from a user it does not trust; about any other it warns again and again.
const patience = [...option('connect-timeout', '10'), ...option('fallback', 'true')];
const records = ['--log-format', 'internal-json', '-v'];

// A flake may not change our settings, ask a registry, or build while it is evaluated; and it must bring its lock file:
// --no-write-lock-file would let an unlocked input in, so it is never passed.
const settings = (allowImportFromDerivation: boolean): string[] => [
  '--extra-experimental-features',
  'nix-command flakes',
  ...option('accept-flake-config', 'false'),
  ...option('use-registries', 'false'),
  ...option('warn-dirty', 'false'),
  ...option('eval-cache', 'false'), // Nix 2.8 shows a wrong message for a failure it remembers
  ...option('allow-import-from-derivation', String(allowImportFromDerivation)),
  ...patience,
];

/** What is evaluated: a flake, such as `flakeUrl` gives, and an attribute of it. */
export interface EvaluateInput {
  readonly flake: string;
  readonly attribute: string;
  readonly allowImportFromDerivation: boolean;
}

/**
 * Evaluates and instantiates without building. Prints JSON, read by `parseEvaluation`. `--dry-run` because
 * `nix eval` has no way to name the derivation that works on Nix 2.8 and on newer ones.
 */
export function evaluateArgv({ flake, attribute, allowImportFromDerivation }: EvaluateInput): NixArgv {
  return [
    ...(['nix', 'build', '--dry-run', '--json', '--no-link', '--no-update-lock-file'] as const),
    ...settings(allowImportFromDerivation),
    ...records,
    `${flake}#${attribute}`,
  ];
}

/**
 * The flake of a commit in a mirror. It names the private ref beside the commit: Nix 2.8 finds no commit without a ref,
 * and a branch may have moved on.
 */
export function flakeUrl(mirror: string, commit: string): string {
  const path = mirror.split('/').map(encodeURIComponent).join('/');
  return `git+file://${path}?ref=refs/bough/${commit}&rev=${commit}`;
}

/** What is built: one output of a derivation, and where its GC root goes. */
export interface RealiseInput {
  readonly drvPath: string;
  readonly output: string;
  readonly root: string;
  readonly timeoutSec: number;
  readonly silenceTimeoutSec: number;
}

/**
 * Builds one output and roots it in one step. `nix-store` because `nix build x.drv` means the derivation itself from
 * Nix 2.15 on, and its `^out` is unknown to 2.8. A root of another output than `out` gets `-<output>` appended by Nix.
 */
export function realiseArgv({ drvPath, output, root, timeoutSec, silenceTimeoutSec }: RealiseInput): NixArgv {
  return [
    ...(['nix-store', '--realise', `${drvPath}!${output}`, '--add-root', root] as const),
    '--timeout',
    String(Math.ceil(timeoutSec)),
    '--max-silent-time',
    String(Math.ceil(silenceTimeoutSec)),
    ...patience,
    ...records,
  ];
}

/** Roots a valid store path. */
export function rootArgv(outPath: string, root: string): NixArgv {
  return ['nix-store', '--realise', outPath, '--add-root', root];
}

/** Exit code 0 when the store has the path, with all it refers to. */
export function validityArgv(path: string): NixArgv {
  return ['nix-store', '--check-validity', path];
}

/** Prints to stderr what would have to be built for a derivation, as paths of derivations among other words. */
export function toBuildArgv(drvPath: string): NixArgv {
  return ['nix-store', '--realise', '--dry-run', drvPath, ...patience];
}
