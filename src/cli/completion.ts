import { Argument, type Command } from 'commander';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** Words that may follow a command: its subcommands and long options. */
export interface Words {
  /** Command path below the program, for example `stack up`; empty for the program itself. */
  readonly path: string;
  readonly says: string;
  readonly commands: readonly string[];
  readonly options: readonly string[];
}

/** All commands of a program with what may follow each. */
export function wordsOf(command: Command, path = ''): Words[] {
  const commands = command.commands.map((each) => each.name());
  const options = [...command.options.flatMap(({ long }) => long ?? []), '--help'];
  const inner = command.commands.flatMap((each) => wordsOf(each, `${path} ${each.name()}`.trim()));
  return [{ path, says: command.description(), commands, options }, ...inner];
}

/** `rearflow completion SHELL`: a script for the shell to read. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print completions: source <(rearflow completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, wordsOf(program)));
    });
}

/** Script that completes `rearflow` in a shell; file names where no word fits. */
export function completionScript(shell: Shell, words: readonly Words[]): string {
  switch (shell) {
    case 'bash':
      return bash(words);
    case 'zsh':
      return `#compdef rearflow\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
    case 'fish':
      return words.flatMap(fish).join('');
  }
}

function bash(words: readonly Words[]): string {
  const cases = words.map(
    ({ path, commands, options }) => `    "${path}") words="${[...commands, ...options].join(' ')}" ;;`,
  );
  const groups = words.filter(({ path, commands }) => path !== '' && commands.length > 0).map(({ path }) => path);
  return `_rearflow() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -*) ;;
      *) case "$path" in "") path="\${COMP_WORDS[i]}" ;; ${groups.join('|') || '-'}) path="$path \${COMP_WORDS[i]}" ;; esac ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _rearflow rearflow
`;
}

function fish({ path, commands, options, says }: Words): string[] {
  const seen = path.split(' ').filter(Boolean);
  const condition =
    seen.length === 0
      ? '__fish_use_subcommand'
      : seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
  const line = (rest: string): string => `complete -c rearflow -n '${condition}' ${rest}\n`;
  const about = says.replaceAll("'", "\\'");
  return [
    ...(seen.length === 0 ? [`# ${about}\n`] : []),
    ...commands.map((command) => line(`-a ${command}`)),
    ...options.map((option) => line(`-l ${option.replace(/^--/, '')}`)),
  ];
}
