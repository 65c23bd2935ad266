import type { Command, CommandOption } from '../../../../apps/cli/src/command.ts';
import { commonOptions } from '../../../../apps/cli/src/parse-arguments.ts';

const optionsOf = ({ options }: Command) => Object.entries<CommandOption>({ ...options, ...commonOptions });

/** For bash-completion: commands, then the options of the one written. */
export function renderBashCompletion(table: readonly Command[]): string {
  const cases = table.map((command) => {
    const words = optionsOf(command).map(([name]) => `--${name}`);
    return `    ${command.name}) words='${words.join(' ')}' ;;`;
  });
  return `# bash completion of bough
_bough() {
  local words='help ${table.map(({ name }) => name).join(' ')}'
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
${cases.join('\n')}
    *) words='' ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _bough bough
`;
}

/** For zsh: commands with their summaries, then the options of the one written. */
export function renderZshCompletion(table: readonly Command[]): string {
  const commands = table.map(({ name, summary }) => `    ${quote(`${name}:${summary.replaceAll(':', ' ')}`)}`);
  const cases = table.map((command) => {
    const words = optionsOf(command).map(([name, { meaning }]) =>
      quote(`--${name}[${meaning.replaceAll(/[[\]:]/g, ' ')}]`),
    );
    return `    ${command.name}) _arguments ${words.join(' ')} '*:branch: ' ;;`;
  });
  return `#compdef bough
_bough() {
  local -a commands=(
${commands.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
}
_bough "$@"
`;
}

/** For fish: commands with their summaries, then the options of the one written. */
export function renderFishCompletion(table: readonly Command[]): string {
  const lines = table.flatMap((command) => [
    `complete -c bough -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
    ...optionsOf(command).map(
      ([name, { value, meaning }]) =>
        `complete -c bough -n '__fish_seen_subcommand_from ${command.name}' -l ${name}${value === undefined ? '' : ' -r'} -d ${quote(meaning)}`,
    ),
  ]);
  return `complete -c bough -f\n${lines.join('\n')}\n`;
}

// The same in sh, zsh and fish: nothing is special between single quotes but they themselves.
function quote(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
