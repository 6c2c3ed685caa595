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
      return zsh(words);
    case 'fish':
      return words.flatMap(fish).join('');
  }
}

/** `"path") words=(…) ;;` for each command. */
function cases(words: readonly Words[]): string {
  return words
    .map(({ path, commands, options }) => `    "${path}") known=(${[...commands, ...options].join(' ')}) ;;`)
    .join('\n');
}

/** Patterns of commands that have subcommands. */
function groupPattern(words: readonly Words[]): string {
  const groups = words.filter(({ path, commands }) => path !== '' && commands.length > 0).map(({ path }) => path);
  return groups.join('|') || '-';
}

function bash(words: readonly Words[]): string {
  return `_rearflow() {
  local current="\${COMP_WORDS[COMP_CWORD]}" where="" known=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -*) ;;
      *) case "$where" in "") where="\${COMP_WORDS[i]}" ;; ${groupPattern(words)}) where="$where \${COMP_WORDS[i]}" ;; esac ;;
    esac
  done
  case "$where" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "\${known[*]}" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _rearflow rearflow
`;
}

/** Works when it is sourced and as a file of the function path. */
function zsh(words: readonly Words[]): string {
  return `#compdef rearflow
_rearflow() {
  local where="" word
  local -a known
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in
      -*) ;;
      *) case "$where" in "") where="$word" ;; ${groupPattern(words)}) where="$where $word" ;; esac ;;
    esac
  done
  case "$where" in
${cases(words)}
  esac
  compadd -a known || _files
}
if [ "\${funcstack[1]}" = _rearflow ]; then
  _rearflow "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit -i; }
  compdef _rearflow rearflow
fi
`;
}

function fish({ path, commands, options, says }: Words): string[] {
  const seen = path
    .split(' ')
    .filter(Boolean)
    .map((word) => `__fish_seen_subcommand_from ${word}`);
  // A group's own words end with the choice of a subcommand.
  const open = commands.length > 0 ? [`not __fish_seen_subcommand_from ${commands.join(' ')}`] : [];
  const condition = seen.length === 0 ? '__fish_use_subcommand' : [...seen, ...open].join('; and ');
  const line = (rest: string): string => `complete -c rearflow -n '${condition}' ${rest}\n`;
  const about = says.replaceAll("'", "\\'");
  return [
    ...(seen.length === 0 ? [`# ${about}\n`] : []),
    ...(commands.length > 0 ? [line('-f')] : []),
    ...commands.map((command) => line(`-a ${command}`)),
    ...options.map((option) => line(`-l ${option.replace(/^--/, '')}`)),
  ];
}
