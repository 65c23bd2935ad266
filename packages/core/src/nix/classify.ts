import type { ErrorCode } from '../error-table.ts';
import { drvName } from './drv-name.ts';
import type { Evidence, NixError } from './evidence.ts';
import type { Progress } from './progress.ts';

/** Why Nix failed: the class, one line for a person, and the lines to read. */
export interface NixFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly log: readonly string[];
  /** The derivation whose builder failed, where one did. */
  readonly drvPath: string | null;
}

type Rule = readonly [ErrorCode, RegExp];

// Messages of Nix 2.8 to 2.36. The first rule that any error matches wins, so the host's own troubles come first.
const hostRules: readonly Rule[] = [
  ['DISK_FULL', /No space left on device|database or disk is full|lack of free disk space/],
  [
    'DAEMON_DOWN',
    /cannot connect to socket at|Nix daemon disconnected unexpectedly|unexpected end-of-file|cannot open connection to remote store/,
  ],
  ['DATABASE_BUSY', /SQLite database .* is busy|database is locked/],
  ['GC_RACE', /cannot build missing derivation|requires non-existent output|path '\/nix\/store\/[^']*' is not valid/],
  ['SIGNATURE_UNTRUSTED', /lacks a (signature by a trusted key|valid signature)/],
  ['SUBSTITUTER_DOWN', /some substitutes for the outputs of derivation .* failed/],
];
const evaluateRules: readonly Rule[] = [
  // Trouble of the host. A build meets it too, and what no rule knows of a build is tried again; of an evaluation it is final.
  ['EVAL_MEMORY', /program '[^']*' failed due to signal (9|15)\b|unable to fork: /],
  ['HOST_FILES', /: (Too many open files( in system)?|Read-only file system|Input\/output error)$/m],
  ['DAEMON_DOWN', /(reading from|writing to) file: (Broken pipe|Connection reset by peer)/],
  ['SOURCE_COMMIT_GONE', /Cannot find Git revision|couldn't find remote ref|not our ref/],
  ['SOURCE_CONFIG', /dubious ownership|not owned by current user|cannot use bare repository/],
  [
    'EVAL_NO_FLAKE',
    /'\/nix\/store\/[^/']+\/flake\.nix(\/default\.nix)?'.*(No such file|does not exist)|does not contain a '.*flake\.nix' file/,
  ],
  ['EVAL_ATTRIBUTE', /does not provide attribute/],
  [
    'EVAL_LOCK',
    /cannot write modified lock file|requires lock file changes|registry lookups are not allowed|(mutable|unlocked) (lock|input)|NAR hash mismatch in input|lock file .* unsupported version|^\[json\.exception/,
  ],
  // Nix 2.8 shows no trace; but only an input that is not locked makes it ask GitHub which commit a branch is at.
  ['EVAL_LOCK', /'https:\/\/api\.github\.com\/repos\/[^'/]+\/[^'/]+\/commits\//],
  ['EVAL_IFD', /'allow-import-from-derivation' is disabled/],
  ['EVAL_PURITY', /forbidden in pure eval|in pure eval(uation)? mode|attribute 'current(System|Time)' missing/],
  ['EVAL_ERROR', /unable to download .*HTTP error 4(?!08|29)/],
  [
    'EVAL_FETCH',
    /unable to (download|access)|Could not resolve|HTTP error (408|429|5\d\d)|Failed to connect|Could ?n[o']t connect|timed out|Connection (refused|reset)|[Nn]etwork is unreachable/,
  ],
  ['EVAL_MEMORY', /out of memory|bad_alloc|Cannot allocate memory/],
];
const buildRules: readonly Rule[] = [
  ['BUILD_LOG_LIMIT', /killed after writing more than/],
  ['BUILD_TIMEOUT', /timed out after \d+ seconds/],
  ['BUILD_HASH', /hash mismatch in fixed-output/],
  // Either the builder itself, or what its shell had started: 128 + SIGKILL or SIGTERM. The kernel's want of memory mostly
  // finds the latter, and says nothing about the derivation.
  ['BUILD_SIGNAL', /failed due to signal (9|15)\b|failed with exit code (137|143)\b/],
  ['BUILD_NO_OUTPUT', /failed to produce output path/],
  ['BUILD_PLATFORM', /is required to build|Required system:|platform mismatch|missing system features/],
  ['BUILD_FAILED', /failed with exit code|failed due to signal/],
  ['BUILD_FETCH', /unable to download|Could not resolve|Failed to connect/],
  ['BUILD_FAILED', /^builder for|^Cannot build/],
];
const symptom = /^\d+ dependenc(y|ies) of derivation|Reason: \d+ dependenc(y|ies) failed/;
const killed = 137; // 128 + SIGKILL: not by us, or there would be no question

/**
 * The class of a failed run of Nix, from its phase and what it said. Exit codes cannot tell: `nix build` ends with 1
 * whatever happened, and so does `nix-store --realise` through the daemon (https://github.com/NixOS/nix/issues/4813).
 */
export function classifyNix(phase: Progress['phase'], evidence: Evidence, exitCode: number): NixFailure {
  const causes = evidence.errors.filter(({ text }) => !symptom.test(text));
  const byRule = (rules: readonly Rule[]): NixFailure | null => {
    for (const [code, pattern] of rules) {
      const error = causes.find(({ text }) => pattern.test(withoutQuotedLog(text)));
      if (error !== undefined) return failureOf(code, error, evidence);
    }
    return null;
  };
  const hosts = byRule(hostRules);
  if (hosts !== null) return hosts;
  // Nix would only touch the lock file when it is missing or stale; then it may stumble over an input, one out of reach
  // say, before it says so.
  const locking = causes.find(({ lines }) =>
    lines.some((line) => line.includes('while updating the lock file of flake')),
  );
  if (locking !== undefined) return failureOf('EVAL_LOCK', locking, evidence);
  const found = byRule(phase === 'evaluate' ? evaluateRules : buildRules);
  if (found !== null) return found;
  if (exitCode === killed && phase === 'evaluate') {
    return { code: 'EVAL_MEMORY', message: 'Nix was killed while it evaluated the flake', log: [], drvPath: null };
  }
  const [error = evidence.errors[0]] = causes;
  if (error === undefined) {
    return {
      code: 'NIX_UNKNOWN',
      message: `Nix ended with exit code ${exitCode} and named no error`,
      log: [],
      drvPath: null,
    };
  }
  return failureOf(phase === 'evaluate' ? 'EVAL_ERROR' : 'NIX_UNKNOWN', error, evidence);
}

function failureOf(code: ErrorCode, error: NixError, evidence: Evidence): NixFailure {
  const drvPath = /'(\/nix\/store\/[^'!^]+\.drv)/.exec(error.text)?.[1] ?? null;
  const tail = drvPath === null ? undefined : evidence.tails.get(drvPath);
  if (code === 'BUILD_FAILED' && tail?.some((line) => line.includes('No space left on device')) === true) {
    return {
      code: 'DISK_FULL',
      message: `the disk was full while ${drvName(drvPath ?? '')} was built`,
      log: tail,
      drvPath,
    };
  }
  const log = tail ?? error.lines.slice(-40);
  const message = ownWords[code] ?? `${describe(error.text)}${code.startsWith('EVAL') ? position(error) : ''}`;
  return { code, message, log, drvPath };
}

// Where what Nix says leads people astray: it proposes flags, and names a store path where a file is missing.
const ownWords: Partial<Record<ErrorCode, string>> = {
  EVAL_LOCK: 'flake.lock is missing or does not fit flake.nix; run `nix flake lock` and commit flake.lock',
  EVAL_NO_FLAKE: 'the branch has no flake.nix in its root',
};

/** The reason as one line: the derivation by its name instead of its path, details of a second line behind a colon. */
function describe(text: string): string {
  const [first = '', ...more] = withoutQuotedLog(text).split('\n');
  const details = more
    .filter((line) => /^\s*(specified|got|Reason):/.test(line))
    .map((line) => line.trim().replace(/\s+/g, ' '));
  return [first.replace(/;$/, ''), ...details]
    .join(' ')
    .replace(/'\/nix\/store\/[0-9a-z]{32}-([^'/]+?)(\.drv)?([!^][a-z]+)?'/g, "'$1'")
    .replace(/\/nix\/store\/[0-9a-z]{32}-source\//g, '')
    .replace(/ \(use '--[a-z-]+' to [a-z]+\)/, '')
    .replace(/flake 'git\+file:[^']*'/, 'the flake')
    .replace(/provide attribute '.*' or '([^']+)'/, "provide attribute '$1'");
}

/** Where in the flake: the innermost position the trace names. */
function position(error: NixError): string {
  const last = error.lines
    .join('\n')
    .match(/(?<=at \/nix\/store\/[0-9a-z]{32}-source\/)\S+:\d+:\d+/g)
    ?.at(-1);
  return last === undefined ? '' : ` (${last})`;
}

/** A text without the builder's last lines that Nix quotes: what a program prints is no message of Nix. */
function withoutQuotedLog(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*>/.test(line) && !/^\s*(last \d+ log lines:|For full logs, run)/i.test(line))
    .join('\n');
}
