import { stat } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { ErrorCode } from '@bough/core/error-table.ts';
import { gitEnvironment } from '@bough/core/git/git-argv.ts';
import { addEvidence, type Evidence, newEvidence } from '@bough/core/nix/evidence.ts';
import { logLines } from '@bough/core/nix/log-line.ts';
import type { NixArgv } from '@bough/core/nix/nix-argv.ts';
import { parseRecord } from '@bough/core/nix/parse-record.ts';
import { type Progress, reduceProgress, startProgress } from '@bough/core/nix/progress.ts';
import { openBuildLog } from './build-log.ts';
import { builderRun, makeNixCache } from './build-user.ts';
import type { NixHost, NixWatch } from './nix.ts';

/** Nix has such a limit too (`max-build-log-size`), but takes it only from users it trusts. */
const defaultMaxLogBytes = 64 << 20;
/** Nix stops a silent or slow builder itself and names it; we do so a little later, for what Nix does not watch. */
const headStartMs = 10_000;

/** One run of Nix. */
export interface NixRun {
  readonly argv: NixArgv;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly phase: Progress['phase'];
  readonly id: DeploymentId;
  readonly commit: string;
  readonly timeoutSec: number;
  readonly silenceTimeoutSec: number;
  readonly timeoutCode: ErrorCode;
}

/** How a run of Nix ended, and what it said on the way. */
export interface NixResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly evidence: Evidence;
}

/**
 * Runs Nix and streams what it says: progress, lines for people, the whole log as a file. Any exit code is a result.
 * @throws AppError `timeoutCode`, BUILD_LOG_LIMIT or COMMAND_FAILED; the reason of `watch.signal` when that aborts
 */
export async function runNix(host: NixHost, request: NixRun, watch: NixWatch): Promise<NixResult> {
  const { phase, timeoutSec, silenceTimeoutSec, timeoutCode } = request;
  const maxLogBytes = host.maxLogBytes ?? defaultMaxLogBytes;
  const evidence = newEvidence();
  let state = startProgress(phase);
  let bytes = 0;

  const stop = new AbortController();
  const fail = (code: ErrorCode, problem: string) => () =>
    stop.abort(
      new AppError(code, `${phase === 'evaluate' ? 'the evaluation' : 'the build'} ${problem}`, {
        log: lastLines(evidence),
      }),
    );
  const total = setTimeout(fail(timeoutCode, `took longer than ${timeoutSec} s`), timeoutSec * 1000 + headStartMs);
  const silence = setTimeout(
    fail(timeoutCode, `was silent for ${silenceTimeoutSec} s`),
    silenceTimeoutSec * 1000 + headStartMs,
  );

  await makeNixCache(host);
  const file = await openBuildLog(`${host.layout.buildLogs(request.id)}/${request.commit}.log`);
  const show = (line: string): void => {
    file.line(line);
    watch.log(line);
  };
  const onStderrLine = (line: string): void => {
    silence.refresh();
    bytes += line.length;
    if (bytes > maxLogBytes) fail('BUILD_LOG_LIMIT', `printed more than ${maxLogBytes} bytes`)();
    const record = parseRecord(line);
    if (record === null || stop.signal.aborted) return;
    const before = state.progress;
    state = reduceProgress(state, record);
    addEvidence(evidence, record, state);
    for (const text of logLines(record, state)) show(text);
    if (state.progress !== before) watch.progress(state.progress);
  };

  watch.progress(state.progress);
  try {
    const { exitCode, stdout } = await builderRun(host)(request.argv, {
      env: { ...(await nixEnvironment(host.layout.nixCache)), ...request.env },
      signal: AbortSignal.any([watch.signal, stop.signal]),
      timeoutMs: (timeoutSec + 60) * 1000 + headStartMs, // only if all else failed
      allowExitCodes: 'any',
      maxOutputBytes: 1 << 20,
      onStderrLine,
    });
    return { exitCode, stdout, evidence };
  } finally {
    clearTimeout(total);
    clearTimeout(silence);
    await file.close();
  }
}

/**
 * What Nix may see: no settings of whoever started us. It goes through the daemon where there is one, even as root:
 * then a builder ends with its client, however that ends, and runs within the daemon's limits.
 */
export async function nixEnvironment(cache: string): Promise<Record<string, string>> {
  return {
    ...gitEnvironment,
    HOME: cache,
    XDG_CACHE_HOME: cache,
    NIX_USER_CONF_FILES: '/dev/null', // the build user may write in that home, and Nix before 2.10 reads it as root too
    ...((await hasNixDaemon()) ? { NIX_REMOTE: 'daemon' } : {}),
  };
}

/** Whether Nix has a daemon here. */
export async function hasNixDaemon(): Promise<boolean> {
  return await stat('/nix/var/nix/daemon-socket/socket').then(
    (found) => found.isSocket(),
    () => false,
  );
}

function lastLines(evidence: Evidence): string[] {
  return [...evidence.tails.values()].at(-1) ?? evidence.errors.flatMap(({ lines }) => lines).slice(-20);
}
