import type { Command, CommandOption } from '../../../../apps/cli/src/command.ts';
import { commonOptions } from '../../../../apps/cli/src/parse-arguments.ts';
import { roff, tagged } from './roff.ts';

/** bough(1), from the table of commands. */
export function renderCommandManual(table: readonly Command[]): string {
  const commands = table.map(({ name, usage, summary, about, options }) =>
    [
      `.SS ${roff(`bough ${name} ${usage}`.trimEnd())}\n${roff(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)}\n`,
      ...about.map((paragraph) => `.PP\n${roff(paragraph)}\n`),
      renderOptions(options),
    ].join(''),
  );
  return `.TH BOUGH 1 "" "Bough" "Bough"
.SH NAME
bough \\- look at the deployments of this host and tell them what to do
.SH SYNOPSIS
.B bough
.I COMMAND
.RI [ ARGUMENT ...]
.SH COMMANDS
${commands.join('')}.SH OPTIONS OF ALL COMMANDS
${renderOptions(commonOptions)}.SH EXIT STATUS
0 done, 1 failed, 64 wrongly called, 69 the worker cannot be reached, 78 the configuration is wrong.
.SH FILES
.I /etc/bough/bough.json
.SH SEE ALSO
.BR bough.json (5),
.BR systemctl (1),
.BR nix (1)
`;
}

function renderOptions(options: Readonly<Record<string, CommandOption>>): string {
  return Object.entries(options)
    .map(([name, { value, meaning }]) => tagged(value === undefined ? `--${name}` : `--${name} ${value}`, meaning))
    .join('');
}
