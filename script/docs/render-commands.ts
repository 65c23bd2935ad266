import { commandTable } from '../../apps/cli/src/command-table.ts';
import { renderCommandHelp, renderHelp } from '../../apps/cli/src/help.ts';

/** `docs/commands.md`: what `bough` says of itself. */
export function renderCommands(): string {
  const sections = commandTable.map((command) => `## ${command.name}\n\n${fence(renderCommandHelp(command))}`);
  return `# Commands

<!-- generated: script/docs/write.ts -->

\`apps/cli/bin/bough\`; link it into a folder of \`PATH\`. In the scope of the system the state is root's: all but \`bough manifest FLAKE\` want
\`sudo\`. Commands that look read the state folder and systemd. Those that
change something ask the worker at its control socket, or take its lock and do the same where none runs; neither way needs
Redis or the network, but for deploy, cancel, sweep and gc, which need both worker and Redis. Who asked, when and why is kept in \`operations.jsonl\` of the deployment and in the worker's log.

${[fence(renderHelp(commandTable)), ...sections].join('\n\n')}
`;
}

function fence(text: string): string {
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}
