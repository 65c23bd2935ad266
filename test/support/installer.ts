import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import autocannon, { type Result } from 'autocannon';
import { get } from './installation.ts';
import { createRepository, type Repository } from './repository.ts';

const exec = promisify(execFile);

/** The version that runs, a link. */
export const current = '/usr/local/lib/bough/current';
/** Where the tests make a version to upgrade to. */
export const next = '/srv/next';
/** What an installer is run with; it brings no Node of its own here. */
export const env = { ...process.env, BOUGH_NODE_DIR: '/opt/node' };

/** A repository to push to, and where its builders note their start and end. */
export async function createServed(): Promise<Repository> {
  const repository = await createRepository('/srv/bough-test');
  await mkdir('/srv/bough-test/builds', { recursive: true });
  await chmod('/srv/bough-test/builds', 0o777);
  return repository;
}

/** Runs an installer as a person would, and gives its exit code and all it said. */
export async function install(root: string, ...words: string[]): Promise<{ code: number; said: string }> {
  return await exec(`${root}/script/install`, words, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
}

/** The versions that are kept, by their names. */
export const versions = async () => (await readdir('/usr/local/lib/bough/versions')).toSorted();

/** Makes `next` a copy of what runs, with a Node of its own. */
export async function copyOfCurrent(): Promise<void> {
  await rm(next, { recursive: true, force: true });
  await cp(`${current}/.`, next, { recursive: true, verbatimSymlinks: true });
  await rm(`${next}/node`);
  await cp(`${current}/node/.`, `${next}/node`, { recursive: true });
}

/** What something gave, and how it went for those who asked for `main` meanwhile, 200 times a second. */
export async function underLoad<T>(act: () => Promise<T>): Promise<{ result: T; load: Result }> {
  assert.equal((await get('/main/')).status, 200);
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const load = autocannon(
    { url: 'http://127.0.0.1:8080/main/', connections: 8, duration: 600, overallRate: 200 },
    (error: unknown, outcome) => (error instanceof Error ? reject(error) : resolve(outcome)),
  );
  try {
    return { result: await act(), load: await stopped() };
  } finally {
    load.stop();
  }
  async function stopped(): Promise<Result> {
    load.stop();
    return await promise;
  }
}

/** The requests of a load that were not answered as they should be. */
export const lostOf = ({ errors, timeouts, non2xx }: Result) => ({ errors, timeouts, non2xx });
