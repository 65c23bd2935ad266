import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { DemoError } from './say.ts';

/** An empty folder, with what a killed demo has left in it removed, and removed again when it is disposed of. */
export async function makeFolder(path: string): Promise<AsyncDisposable> {
  const remove = () => rm(path, { recursive: true, force: true });
  await remove();
  await mkdir(path, { recursive: true });
  return {
    async [Symbol.asyncDispose]() {
      await remove();
      if (existsSync(path)) throw new DemoError(`${path} could not be removed`);
    },
  };
}
