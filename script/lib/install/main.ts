// See script/install. `activate` is what an installer of another version runs of this one.
import { parseArgs } from 'node:util';
import { AppError, describeError } from '@bough/core/app-error.ts';
import { activate } from './activate.ts';
import { install } from './install.ts';
import { uninstall } from './uninstall.ts';

const usage = 'usage: script/install [--uninstall [--purge]]\n';

try {
  const { values, positionals } = parseArgs({
    options: { uninstall: { type: 'boolean' }, purge: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [word, ...more] = positionals;
  if (values.help === true) process.stdout.write(usage);
  else if (more.length > 0 || (word !== undefined && word !== 'activate') || (values.purge && !values.uninstall)) {
    process.stderr.write(usage);
    process.exitCode = 64;
  } else if (values.uninstall === true) await uninstall({ purge: values.purge === true });
  else if (word === 'activate') await activate();
  else await install();
} catch (error) {
  process.stderr.write(`install: ${describeError(error)}\n`);
  if (error instanceof Error && error.cause !== undefined)
    process.stderr.write(`  because: ${describeError(error.cause)}\n`);
  for (const line of [error, error instanceof Error ? error.cause : null].flatMap(logOf))
    process.stderr.write(`  ${line}\n`);
  process.exitCode = 1;
}

/** What a command said that failed. */
function logOf(error: unknown): readonly string[] {
  return error instanceof AppError ? error.log : [];
}
