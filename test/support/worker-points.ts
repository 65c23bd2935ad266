// Preloaded into the worker by `worker-drop-in.ts`, never part of Bough. It names every point between two effects of the
// worker on the world (what it writes, renames, links or removes, and each command that changes something) and ends the
// worker with SIGKILL, or holds it, at the one a test armed. So no point can be forgotten, and the product pays nothing.
import childProcess from 'node:child_process';
import { appendFileSync, readFileSync, unlinkSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { armed, reached } from './worker-point-files.ts';

/** Commands that change nothing, by their first words without options. */
const reads =
  /^(systemctl (show|list-units|is-active)|journalctl|systemd-analyze|git (ls-remote|for-each-ref|rev-parse|cat-file|log|diff|show-ref)|nix-store --(query|check-validity)|df|flock|nix build --dry-run)\b/;
const flags = / (--no-ask-password|--user|--git-dir=\S+|-C \S+|-c \S+)(?= )/g;

let counting = '';
let count = 0;

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
  }
  count += 1;
  const [signal = '', where = ''] = wanted.split(' at ');
  if (signal === 'SIGSTOP' ? !name.startsWith(where) : count < Number.parseInt(where, 10)) return;
  unlinkSync(armed);
  appendFileSync(reached, `${name}\n`);
  process.kill(process.pid, signal);
}

const changes = ['mkdir', 'writeFile', 'appendFile', 'rename', 'symlink', 'link', 'rm', 'rmdir', 'unlink'] as const;

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
    const what = [command, ...words].join(' ').slice(0, 150);
    if (reads.test(what.replaceAll(flags, ''))) return spawn(command, words, options);
    point(`before ${what}`);
    const child = spawn(command, words, options);
    child.once('exit', () => point(`after ${what}`));
    return child;
  },
});
syncBuiltinESMExports();
