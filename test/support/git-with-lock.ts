// A worker, as far as it holds the lock and asks a remote for its branches: node git-with-lock.ts FOLDER REMOTE
import { layoutOf } from '@bough/core/layout.ts';
import { createMirror } from '@bough/host/git/mirror.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { acquireWorkerLock } from '@bough/host/worker-lock.ts';
import { pino } from 'pino';

const [folder = '', remote = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const layout = layoutOf({ stateDir: `${folder}/state`, runtimeDir: `${folder}/run`, unitDir: `${folder}/units` });
const { fd } = await acquireWorkerLock(layout.lock, { log, signal: new AbortController().signal });
const mirror = createMirror({ layout, run: createRunCommand({ log, lockFd: fd }), fetchTimeoutMs: 60_000 });
await mirror.lsRemote(remote);
