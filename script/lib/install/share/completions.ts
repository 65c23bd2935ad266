import type { Command, CommandOption } from '../../../../apps/cli/src/command.ts';
import { commonOptions } from '../../../../apps/cli/src/parse-arguments.ts';

const optionsOf = ({ options }: Command) => Object.entries<CommandOption>({ ...options, ...commonOptions });

/** For bash-completion: commands, then the options of the one written. After an option that takes a value, that value. */
export function renderBashCompletion(table: readonly Command[]): string {
  const names = table.map(({ name }) => name).join(' ');
  const cases = table.map((command) => {
    const words = optionsOf(command).map(([name]) => `--${name}`);
    return `    ${command.name}) words='${words.join(' ')}' ;;`;
  });
  const valued = table.flatMap(optionsOf).filter(([, { value }]) => value !== undefined && value !== 'FILE');
  const options = [...new Set(valued.map(([name]) => `--${name}`))].join(' | ');
  return `# bash completion of bough
_bough() {
  local words='help ${names}'
  case \${COMP_WORDS[COMP_CWORD - 1]} in
  --config) return ;; # files, by default
  ${options}) compopt +o default; return ;;
  esac
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
    help) words='${names}' ;;
${cases.join('\n')}
    *) words='' ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _bough bough
`;
}

/** For zsh: commands with their summaries, then the options of the one written, with what they take. */
export function renderZshCompletion(table: readonly Command[]): string {
  const commands = table.map(({ name, summary }) => `    ${quote(`${name}:${summary.replaceAll(':', ' ')}`)}`);
  const cases = table.map((command) => {
    const words = optionsOf(command).map(([name, { value, meaning }]) => {
      const what = `[${meaning.replaceAll(/[[\]:]/g, ' ')}]`;
      if (value === undefined) return quote(`--${name}${what}`);
      return quote(`--${name}=${what}:${value}:${value === 'FILE' ? '_files' : ''}`);
    });
    return `    ${command.name}) _arguments ${words.join(' ')} '*:argument: ' ;;`;
  });
  return `#compdef bough
_bough() {
  local -a commands=(
    'help:tell of the commands, or more of one'
${commands.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  case $words[2] in
    help) ((CURRENT > 3)) || _describe command commands ;;
${cases.join('\n')}
  esac
}
_bough "$@"
`;
}

/** For fish: commands with their summaries, then the options of the one written, with what they take. */
export function renderFishCompletion(table: readonly Command[]): string {
  const first = 'complete -c bough -n __fish_use_subcommand';
  const lines = table.flatMap((command) => [
    `${first} -a ${command.name} -d ${quote(command.summary)}`,
    `complete -c bough -n '__fish_seen_subcommand_from help' -a ${command.name}`,
    ...optionsOf(command).map(
      ([name, { value, meaning }]) =>
        `complete -c bough -n '__fish_seen_subcommand_from ${command.name}' -l ${name}${takes(value)} -d ${quote(meaning)}`,
    ),
  ]);
  const help = `${first} -a help -d 'tell of the commands, or more of one'`;
  return `complete -c bough -f\n${help}\n${lines.join('\n')}\n`;
}

/** fish: nothing, something, or a file, although no argument of bough is one. */
function takes(value: string | undefined): string {
  if (value === undefined) return '';
  return value === 'FILE' ? ' -rF' : ' -r';
}

// The same in sh, zsh and fish: nothing is special between single quotes but they themselves.
function quote(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
