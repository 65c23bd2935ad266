// Preloaded into the worker by `worker-drop-in.ts`, never part of Bough. It names every point between two effects of the
// worker on the world (what it writes, renames, links or removes, each command that changes something, and each command to
// Redis that does) and ends the worker with SIGKILL, or holds it, at the one a test armed. So no point can be forgotten, and
// the product pays nothing.
import childProcess from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, unlinkSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { type Command, Redis } from 'ioredis';
import { armed, passed, reached } from './worker-point-files.ts';

/** Commands that change nothing, by their first words without options and without who runs them. */
const reads =
  /^(systemctl (show|list-units|is-active)|systemd-notify|journalctl|systemd-analyze|git (ls-remote|for-each-ref|rev-parse|cat-file|log|diff|show-ref)|nix-store (--query|--check-validity|--realise --dry-run)|df|flock)\b/;
const flags = / (--no-ask-password|--user|--git-dir=\S+|-C \S+|-c \S+)(?= )/g;
/** As whom the build user's commands are run; see `findBuildUser`. */
const becoming = /^setpriv .*? -- /;

/**
 * Commands to Redis and scripts of BullMQ that change nothing, only wait, count with the `exec` of their transaction, or are
 * sent by a timer: how many of those come says how long something took, not what was done.
 */
const readsOfRedis =
  /^(get|hget|hmget|hgetall|hexists|mget|exists|keys|scan|type|p?ttl|llen|lrange|zcard|zscore|z(rev)?range(byscore)?|zcount|scard|smembers|sismember|hlen|hkeys|xread|xlen|x(rev)?range|bzpopmin|time|ping|info|client|config|hello|auth|select|script|p?subscribe|multi|(get|is)[A-Z].*|paginate.*|extendLock.*|moveStalledJobsToWait.*|removeJobScheduler.*)$/;
/** Sent by timers while a job runs, and what it sends is seen: a point the first time, as how many come says how long it took. */
const asTimePasses = /^(before|after) (addLog|updateProgress)\b/;
/** Asked again and again, whether a job waits or not: it is a point where one came. */
const asksForJob = /^moveToActive/;

/** A point that is told by how many come before it; any other by how its name begins. */
const numbered = /^(\d|Infinity)/;

let counting = '';
let count = 0;
let told = new Set<string>();

/** A point: the worker gets its signal here if it is the armed one. The file that arms says which, counted from when it was written. */
function point(name: string): void {
  let wanted: string;
  try {
    wanted = readFileSync(armed, 'utf8');
  } catch {
    return;
  }
  if (wanted !== counting) {
    counting = wanted;
    count = 0;
    told = new Set();
  }
  if (asTimePasses.test(name) && told.has(name)) return;
  told.add(name);
  count += 1;
  appendFileSync(passed, `${name}\n`);
  const [signal = '', where = ''] = wanted.split(' at ');
  const isThere = numbered.test(where) ? count >= Number.parseFloat(where) : name.startsWith(where);
  if (!isThere) return;
  unlinkSync(armed);
  appendFileSync(reached, `${name}\n`);
  process.kill(process.pid, signal);
}

const changes = [
  'mkdir',
  'mkdtemp',
  'writeFile',
  'appendFile',
  'rename',
  'symlink',
  'link',
  'cp',
  'copyFile',
  'chmod',
  'chown',
  'utimes',
  'rm',
  'rmdir',
  'unlink',
] as const;

function wrap(name: (typeof changes)[number] | 'open'): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it takes and gives is handed on as it is
  const original = files[name] as (...words: unknown[]) => Promise<unknown>;
  const wrapped = async (...words: unknown[]): Promise<unknown> => {
    if (name === 'open' && words[1] === 'r') return await original(...words);
    const what = `${name} ${String(words[0])}`;
    point(`before ${what}`);
    const result = await original(...words);
    point(`after ${what}`);
    return result;
  };
  Object.assign(files, { [name]: wrapped });
}

for (const name of changes) wrap(name);
wrap('open');

const { spawn } = childProcess;
Object.assign(childProcess, {
  spawn(command: string, words: readonly string[], options: childProcess.SpawnOptions): childProcess.ChildProcess {
    const what = [command, ...words].join(' ').replace(becoming, '').slice(0, 150);
    if (reads.test(what.replaceAll(flags, ''))) return spawn(command, words, options);
    point(`before ${what}`);
    const child = spawn(command, words, options);
    child.once('exit', () => point(`after ${what}`));
    return child;
  },
});
syncBuiltinESMExports();

/** The scripts of BullMQ by their hash, by which Redis is asked for them. */
const scripts = new Map<unknown, string>();
// oxlint-disable-next-line typescript/unbound-method -- each is called with the `this` it is given
const { defineCommand, sendCommand } = Redis.prototype;
Object.assign(Redis.prototype, {
  defineCommand(this: Redis, name: string, definition: Parameters<typeof defineCommand>[1]): void {
    scripts.set(createHash('sha1').update(definition.lua).digest('hex'), name);
    defineCommand.call(this, name, definition);
  },
  sendCommand(this: Redis, command: Command, ...more: unknown[]): unknown {
    const send = () => Reflect.apply(sendCommand, this, [command, ...more]);
    const what = scripts.get(command.args[0]) ?? command.name;
    if (readsOfRedis.test(what) || (command.inTransaction && what !== 'exec')) return send();
    const isPoll = asksForJob.test(what);
    if (!isPoll) point(`before ${what} of Redis`);
    const tell = (reply: unknown): void => {
      if (!isPoll || (Array.isArray(reply) && Array.isArray(reply[0]))) point(`after ${what} of Redis`);
    };
    command.promise.then(tell, () => undefined);
    return send();
  },
});
