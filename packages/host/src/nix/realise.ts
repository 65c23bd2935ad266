import { open, realpath, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@bough/core/app-error.ts';
import { classifyNix, type NixFailure } from '@bough/core/nix/classify.ts';
import { describeMemo, FailureMemo } from '@bough/core/nix/failure-memo.ts';
import { isFixedOutput } from '@bough/core/nix/fixed-output.ts';
import { realiseArgv, rootArgv } from '@bough/core/nix/nix-argv.ts';
import { makeFolder } from '../make-folder.ts';
import { awaitBuilders } from './await-builders.ts';
import { builderRun } from './build-user.ts';
import { createFailureMemos, type FailureMemos } from './failure-memos.ts';
import type { NixHost, NixWatch, Realise, RealiseRequest } from './nix.ts';
import { nixEnvironment, type NixResult, runNix } from './run-nix.ts';
import { syncStore } from './sync-store.ts';

/**
 * Builds an output and roots it, so that nothing can collect it in between. On failure no root is left, and
 * a builder that failed is remembered: what needs it fails at once, with the first log, until a person asks anew.
 * The function made throws AppError BUILD_*, BUILDER_LEFT, GC_RACE and the passing troubles of Nix (see `classifyNix`).
 */
export function createRealise(host: NixHost): Realise {
  const memos = createFailureMemos(host);
  return async (request, watch) => {
    const { root, output, outPath, drvPath } = request;
    if (request.anew) await memos.forget(drvPath, watch.signal);
    const memo = await memos.find(drvPath, watch.signal);
    if (memo !== null) {
      for (const line of memo.log) watch.log(line);
      throw new AppError(memo.code, describeMemo(memo), { log: memo.log });
    }
    await makeFolder(dirname(root)); // Nix would make it, and sync nothing
    const link = host.builder === undefined ? root : host.layout.rootInHand; // the build user writes in no folder of ours
    const made = output === 'out' ? link : `${link}-${output}`; // where Nix puts the root, see `realiseArgv`
    try {
      await awaitBuilders(host, watch);
      const result = await realise(host, { ...request, root: link }, watch);
      if (result.exitCode !== 0) throw await errorOf(result, request, memos);
      if (made !== root) {
        await host.run(rootArgv(outPath, root), {
          env: await nixEnvironment(host.layout.nixCache),
          signal: watch.signal,
        });
      }
      await verify(root, outPath);
      await syncStore(host.run, outPath, watch.signal);
    } catch (error) {
      await rm(root, { force: true });
      throw error;
    } finally {
      if (made !== root) await builderRun(host)(['rm', '-f', '--', made]);
    }
  };
}

function realise(host: NixHost, request: RealiseRequest, watch: NixWatch): Promise<NixResult> {
  const { timeoutSec, silenceTimeoutSec } = host.limits;
  const { id, commit } = request;
  return runNix(
    host,
    {
      argv: realiseArgv({
        ...request,
        timeoutSec,
        silenceTimeoutSec,
      }),
      phase: 'build',
      id,
      commit,
      timeoutSec,
      silenceTimeoutSec,
      timeoutCode: 'BUILD_TIMEOUT',
    },
    watch,
  );
}

/** Exit code 0 alone is no evidence: the path must be there, and the root must lead to it. */
async function verify(root: string, outPath: string): Promise<void> {
  const found = await realpath(root).catch(() => null);
  const wanted = await realpath(outPath).catch(() => null);
  if (wanted === null) throw new AppError('BUILD_NO_OUTPUT', `Nix said it built ${outPath}, but it is not there`);
  if (found !== wanted) throw new AppError('GC_RACE', `the GC root ${root} does not lead to ${outPath}`);
}

async function errorOf(
  { evidence, exitCode }: NixResult,
  { commit }: RealiseRequest,
  memos: FailureMemos,
): Promise<AppError> {
  const failure = classifyNix('build', evidence, exitCode);
  const { message, log, drvPath } = failure;
  const code = failure.code === 'BUILD_FAILED' && (await isFetch(failure)) ? 'BUILD_FETCH' : failure.code;
  const isMemorable = FailureMemo.shape.code.safeParse(code);
  if (drvPath !== null && evidence.begun.has(drvPath) && isMemorable.success) {
    const at = new Date().toISOString();
    await memos.remember({ schema: 1, drvPath, code: isMemorable.data, message, log: [...log], commit, at });
  }
  return new AppError(code, message, { log });
}

/** Whether the builder that failed was to fetch something: Nix itself does not say. */
async function isFetch({ drvPath }: NixFailure): Promise<boolean> {
  if (drvPath === null) return false;
  try {
    const file = await open(drvPath, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
      return isFixedOutput(buffer.subarray(0, bytesRead).toString('utf8'));
    } finally {
      await file.close();
    }
  } catch {
    return false; // collected meanwhile
  }
}
