import type { Command, Invocation } from './command.ts'

/** What may come next, given the words typed so far (the last one perhaps unfinished). */
export async function complete(root: Command, words: readonly string[], env: Invocation['env']): Promise<string[]> {
  let command = root
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  for (const word of before) {
    const next = command.subcommands?.find((sub) => sub.name === word)
    if (next) command = next
  }
  const previous = before.at(-1)
  const open = previous?.startsWith('--') && !previous.includes('=') ? command.flags[previous.slice(2)] : undefined
  const offers =
    open !== undefined && open.type !== 'boolean'
      ? (open.values ?? [])
      : typed.startsWith('-')
        ? [...Object.entries(command.flags).flatMap(([name, flag]) => (flag.hidden ? [] : [`--${name}`])), '--help']
        : [
            ...(command.subcommands?.filter((sub) => !sub.hidden).map((sub) => sub.name) ?? []),
            ...(await argumentsOf(command, env)),
          ]
  return offers.filter((offer) => offer.startsWith(typed))
}

async function argumentsOf({ completeArgs = [] }: Command, env: Invocation['env']): Promise<readonly string[]> {
  return typeof completeArgs === 'function' ? await completeArgs(env) : completeArgs
}

/** The script that a shell sources; it asks `skiff __complete` for the offers. */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `_skiff() {
  local IFS=$'\\n'
  COMPREPLY=($(skiff __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _skiff skiff
`,
  zsh: `#compdef skiff
_skiff() {
  local -a offers
  offers=("\${(@f)$(skiff __complete -- "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)}")
  compadd -a offers
}
compdef _skiff skiff
`,
  fish: `complete -c skiff -f -a '(skiff __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
}
