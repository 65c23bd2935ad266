import { chown, lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import { nullIfMissing } from '../if-there.ts';
import { makePrivateFolder } from '../make-private-folder.ts';
import type { RunCommand } from '../run-command.ts';
import type { NixHost } from './nix.ts';

/** The user as whom evaluation and builds run, so that no branch gets what root may read. */
export interface BuildUser {
  readonly uid: number;
  readonly gid: number;
  /** Runs a program as this user, who can become no other. It inherits the worker lock like every child. */
  readonly run: RunCommand;
}

/**
 * Looks a user up. Only root may ask: a process of any other cannot change who it is.
 * @throws AppError STACK_NOT_READY where there is no such user
 */
export async function findBuildUser(name: string, run: RunCommand): Promise<BuildUser> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const fields =
    passwd
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':') ?? [];
  const [uid, gid] = [Number(fields[2]), Number(fields[3])];
  if (!(uid > 0 && gid > 0))
    throw new AppError('STACK_NOT_READY', `there is no user ${name} to build as; install Bough again`);
  const become = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--inh-caps=-all', '--no-new-privs'];
  return {
    uid,
    gid,
    run: (argv, options = {}) =>
      run(['setpriv', ...become, '--', ...argv], { ...options, env: { ...options.env, USER: name, LOGNAME: name } }),
  };
}

/** Who runs what reads what a branch says. */
export function builderRun({ run, builder }: Pick<NixHost, 'run' | 'builder'>): RunCommand {
  return builder?.run ?? run;
}

/**
 * Makes the cache of Nix, the builder's own. One of another owner, as of an earlier version of Bough, is made anew; what such a
 * version put into the builder's, when it was gone back to, is removed. `rm` follows no link that the builder may put in its way.
 */
export async function makeNixCache({
  layout,
  run,
  builder,
}: Pick<NixHost, 'layout' | 'run' | 'builder'>): Promise<void> {
  const path = layout.nixCache;
  if (builder === undefined) {
    await makePrivateFolder(path);
    return;
  }
  const found = await lstat(path).catch(nullIfMissing);
  const within = await lstat(`${path}/nix`).catch(nullIfMissing);
  if (found?.uid === builder.uid) {
    if (within !== null && within.uid !== builder.uid) await run(['rm', '-rf', '--', `${path}/nix`]);
    return;
  }
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chown(path, builder.uid, builder.gid);
}
