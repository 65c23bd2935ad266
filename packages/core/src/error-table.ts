/** One row of the error table: what the code means and what the code decides. */
export interface ErrorEntry {
  /** `retry`: may pass by itself, tried again with backoff. `reject`: final until something is changed. `wait`: not now. */
  readonly action: 'retry' | 'reject' | 'wait';
  /** What happened, in a sentence. */
  readonly meaning: string;
  /** What a person does about it, in a sentence. */
  readonly advice: string;
}

const retry = (meaning: string, advice: string): ErrorEntry => ({ action: 'retry', meaning, advice });
const reject = (meaning: string, advice: string): ErrorEntry => ({ action: 'reject', meaning, advice });
const wait = (meaning: string, advice: string): ErrorEntry => ({ action: 'wait', meaning, advice });

/** Every error code of Bough. `docs/errors.md` is compared with this table by a test. */
export const errorTable = {
  CONFIG_INVALID: reject(
    'The configuration file has problems; all are listed.',
    'Correct each line named, then start again.',
  ),
  CONFIG_UNREADABLE: reject('The configuration file cannot be read.', 'Check the path and who may read it.'),
  SECRET_UNREADABLE: reject(
    'A file that holds a secret cannot be read or is empty.',
    'Check the path named and who may read it.',
  ),
  PROJECT_UNKNOWN: reject(
    'No project of this name is configured.',
    'Check the webhook URL, or add the project to the configuration.',
  ),
  DELIVERY_INVALID: reject(
    'A delivery is signed well but is not what its forge sends.',
    'Send real events of the forge; compare the fields named.',
  ),
  JOB_INVALID: reject('A job carries data that is not ours.', 'Push again or run a sweep; do not add jobs by hand.'),
  QUEUE_UNAVAILABLE: wait(
    'Redis cannot keep the job now.',
    'The forge may send it again; the sweep heals what it does not.',
  ),
  WORKER_LOCKED: wait(
    'The worker lock is held on by a process that no worker stands behind and that cannot be ended.',
    'End the process named, or find the disk or network it waits for; the worker tries again by itself.',
  ),
  STATE_INVALID: reject(
    'A file of the state folder is not what Bough wrote.',
    'Restore the file, or remove it: the sweep rebuilds from the refs. What it alone held (a pin, a suspension, a held commit) is lost then.',
  ),

  DEPLOYMENT_UNKNOWN: reject('Nothing is recorded of a branch of this name.', 'Look at the list of `bough status`.'),
  SLUG_TAKEN: reject(
    'Another branch of the project has the same slug, and is deployed under it.',
    'Rename one of the two; once the other is gone the sweep builds what is left.',
  ),
  OPERATION_REFUSED: reject(
    'What a person asked for cannot be done as things are.',
    'Read why; the message lists what can be chosen.',
  ),
  STACK_NOT_READY: reject(
    "One of Bough's own services does not start, or does not become ready.",
    'Look at what `journalctl --unit=` says of the unit named.',
  ),
  WORKER_UNREACHABLE: wait(
    'The worker does not answer at its control socket, and its lock cannot be taken.',
    'Check `systemctl status bough-worker`, and that you are the user it runs as.',
  ),

  SOURCE_FETCH: retry('The repository could not be fetched.', 'Check the remote and the network; it is tried again.'),
  SOURCE_DENIED: reject(
    'The forge refuses access to the repository.',
    'Check the remote, and the SSH key, `known_hosts` or `~/.netrc` of the user the worker runs as (root).',
  ),
  SOURCE_COMMIT_GONE: retry(
    'The commit vanished before it could be read (a force push).',
    'Nothing: the new head is built.',
  ),
  SOURCE_CONFIG: reject(
    'Git refuses the mirror because of its owner or its own settings.',
    'Let the worker own the state folder.',
  ),

  EVAL_ATTRIBUTE: reject(
    'The flake does not have the attribute.',
    'Add the output, or set `attribute` of the project.',
  ),
  EVAL_LOCK: reject('flake.lock is missing or does not fit flake.nix.', 'Run `nix flake lock` and commit flake.lock.'),
  EVAL_IFD: reject(
    'Evaluation needs a build (import from derivation), which is off.',
    'Avoid it, or set `build.allowImportFromDerivation`.',
  ),
  EVAL_PURITY: reject('Evaluation reads something outside the flake.', 'Make it an input of the flake.'),
  EVAL_FETCH: retry('An input of the flake could not be downloaded.', 'Check the network; it is tried again.'),
  EVAL_MEMORY: retry('Evaluation was killed, most likely for memory.', 'Give the host more memory, or evaluate less.'),
  EVAL_TIMEOUT: reject(
    'Evaluation took longer than its limit.',
    'Find the endless recursion, or raise `build.evalTimeoutSec`.',
  ),
  EVAL_NO_FLAKE: reject('The branch has no flake.nix.', 'Add one; `docs/app-contract.md` shows the smallest.'),
  EVAL_ERROR: reject('The flake does not evaluate.', 'Read the error of Nix below and correct the flake.'),

  BUILD_FAILED: reject(
    'The builder failed.',
    'Read its last lines; correct the source, or press retry if the cause lay outside.',
  ),
  BUILD_SIGNAL: retry(
    'The builder, or a part of it, was killed by a signal, most likely for memory.',
    'Give the host more memory.',
  ),
  BUILDER_LEFT: retry(
    'A builder of an earlier build has not ended, though nobody waits for it, and no two build at once.',
    'End the process named; it is tried again.',
  ),
  BUILD_HASH: reject('A fixed-output derivation has another hash than stated.', 'Correct the hash; Nix prints both.'),
  BUILD_TIMEOUT: reject(
    'The build took longer than its limit, or was silent for too long.',
    'Raise `build.timeoutSec`, or `build.silenceTimeoutSec` where it was silent, or find what hangs.',
  ),
  BUILD_LOG_LIMIT: reject('The build wrote more log than allowed.', 'Make it quieter.'),
  BUILD_NO_OUTPUT: reject('The builder ended well but made no output.', 'Write to $out.'),
  BUILD_PLATFORM: reject(
    'The derivation is for another platform or needs a feature this host lacks.',
    'Build for this system.',
  ),
  BUILD_FETCH: retry('A fixed-output fetch failed.', 'Check the network; it is tried again.'),
  SUBSTITUTER_DOWN: retry('A binary cache did not answer.', 'Nothing: it is tried again, then built here.'),
  DISK_FULL: retry('The disk is full.', 'Free space; the collector runs before the next try.'),
  DAEMON_DOWN: retry(
    'The Nix daemon cannot be reached, or does not let `bough-build` in.',
    'Check `systemctl status nix-daemon`, and that `allowed-users` of Nix names `bough-build` or everybody; it is tried again.',
  ),
  DATABASE_BUSY: retry('The database of Nix is busy.', 'Nothing: it is tried again.'),
  GC_RACE: retry('A store path was collected while it was needed.', 'Nothing: it is evaluated again.'),
  SIGNATURE_UNTRUSTED: reject(
    'A path lacks a signature this host trusts.',
    'Trust the key in nix.conf, or build it here.',
  ),
  NIX_UNKNOWN: retry(
    'Nix failed with a message Bough does not know.',
    'Read the whole log; please report the message.',
  ),

  APP_MANIFEST: reject(
    'share/bough/deployment.json of the output is not a valid manifest.',
    'Correct the fields named.',
  ),
  APP_NO_PROGRAM: reject(
    'The output has no program to run, or several and no manifest.',
    'Leave one file in bin/, or use mkDeployment.',
  ),
  APP_START: reject('systemd could not start the process.', 'Read the journal of the unit named.'),
  APP_SETUP: reject(
    'preStart failed, or did not end in time.',
    'Read its last lines; nothing of the release was started.',
  ),
  APP_CREDENTIALS: reject(
    'A credential of the project cannot be read.',
    'Check `credentials` of the project and the file named.',
  ),
  APP_CRASHED: reject(
    'The release crash-looped within its probation.',
    'Read its journal; the last verified release serves.',
  ),
  APP_UNITS: reject(
    'systemd finds fault with the units of the release.',
    'Correct the field of the manifest it names.',
  ),
  APP_EXITED: reject('The process ended while it was being verified.', 'Read its last lines.'),
  APP_NEVER_LISTENED: reject(
    'The process did not listen within its deadline.',
    'Listen on $PORT (or fd 3), or raise `health.timeoutSec`.',
  ),
  APP_UNHEALTHY: reject(
    'The process listens, but the health check got a wrong answer, or none in time.',
    'Let the health path answer 2xx or 3xx, or state its `health.status`; or raise `health.timeoutSec`.',
  ),
  APP_RESTARTED: reject('The process restarted while it was being verified.', 'Read why it ended in its journal.'),
  RELEASE_BLOCKED: reject(
    'A release cannot be started because of what a person did to its units: masked them, or put a file in their place.',
    'Undo it (`systemctl unmask`): the next sweep starts the release. What served before serves on.',
  ),
  HOST_START: retry(
    'systemd could not set a process up, and the release is not to blame.',
    'Read the status and the journal: a folder, a user, memory or a kernel feature is missing on this host.',
  ),
  HOST_FILES: retry(
    'This host does not let Bough read or write a file of its own.',
    'Read which file and why: a file system that is read-only, wrong rights, too many open files.',
  ),
  PORTS_EXHAUSTED: retry('No free port is left in the configured range.', 'Raise `ports.to`, or remove branches.'),
  SYSTEMD_FAILED: retry('systemd refused or did not answer in time.', 'Read the message; check `systemctl status`.'),
  COMMAND_FAILED: retry(
    'A tool could not be run or failed unexpectedly.',
    'Read the message. Install what is missing; where a fetch takes too long, raise `build.fetchTimeoutSec`.',
  ),
  RECONCILE_STUCK: retry(
    'The plan did not become empty after several rounds.',
    'Read the remaining steps; something undoes them.',
  ),
  SWEEP_INCOMPLETE: retry(
    'A sweep could not look at everything; it did the rest.',
    'Read the problems listed; the next sweep looks again.',
  ),
} as const satisfies Record<string, ErrorEntry>;

/** The codes an `AppError` may carry. */
export type ErrorCode = keyof typeof errorTable;
