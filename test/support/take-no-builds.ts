// Preloaded into the worker by `untaken.test.ts`, never part of Bough: where the file that arms it is, what takes builds comes to
// a stand as soon as it begins, and everything else goes on. The next worker is as always.
import { existsSync, unlinkSync } from 'node:fs';
import { Worker } from 'bullmq';
import { takesNoBuilds } from './worker-point-files.ts';

// oxlint-disable-next-line typescript/unbound-method -- it is called with the `this` it is given
const { run } = Worker.prototype;
Worker.prototype.run = async function (this: Worker): Promise<void> {
  if (this.name !== 'build' || !existsSync(takesNoBuilds)) return await run.call(this);
  unlinkSync(takesNoBuilds);
  await new Promise(() => undefined);
};
