import type { Command, CommandOption } from './command.ts';
import { commonOptions } from './parse-arguments.ts';
import { renderTable } from './render-table.ts';

/** What `bough --help` prints. */
export function renderHelp(table: readonly Command[]): string {
  const commands = table.map(({ name, usage, summary }) => [`  bough ${name} ${usage}`.trimEnd(), summary]);
  return `bough looks at the deployments of this host and tells them what to do.

${renderTable(null, commands)}
A branch is given by its name or its slug. Options of all commands:

${renderOptions(commonOptions)}
Exit codes: 0 done, 1 failed, 64 wrongly called, 69 the worker cannot be reached, 78 the configuration is wrong.
\`bough help COMMAND\` tells more.
`;
}

/** What `bough COMMAND --help` prints. */
export function renderCommandHelp({ name, usage, summary, about, options }: Command): string {
  const paragraphs = [`${summary[0]?.toUpperCase()}${summary.slice(1)}.`, ...about];
  return `usage: bough ${`${name} ${usage}`.trimEnd()}

${paragraphs.join('\n\n')}

${renderOptions({ ...options, ...commonOptions })}`;
}

function renderOptions(options: Readonly<Record<string, CommandOption>>): string {
  const rows = Object.entries(options).map(([name, { value, meaning }]) => [
    `  --${name}${value === undefined ? '' : ` ${value}`}`,
    meaning,
  ]);
  return renderTable(null, rows);
}
