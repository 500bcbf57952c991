import { defineCommand, type Command } from '../command/command.ts'
import { complete, completionScripts } from '../command/completion.ts'

const shells = Object.keys(completionScripts)

export const completionCommand = defineCommand({
  name: 'completion',
  args: 'SHELL',
  summary: 'Print a completion script for bash, zsh or fish.',
  examples: ['source <(skiff completion bash)'],
  flags: {},
  argCount: [1, 1],
  completeArgs: shells,
  async run(_flags, [shell = ''], { stdout, stderr }) {
    const script = completionScripts[shell]
    if (script === undefined) {
      stderr(`skiff: no completion for "${shell}": choose one of ${shells.join(', ')}\n`)
      return 2
    }
    stdout(script)
    return 0
  },
})

export function hiddenCompleteCommand(root: () => Command): Command {
  return defineCommand({
    name: '__complete',
    summary: 'Print what may come next, for the completion scripts.',
    hidden: true,
    flags: {},
    argCount: [0, Number.POSITIVE_INFINITY],
    async run(_flags, words, { stdout, env }) {
      stdout((await complete(root(), words, env)).map((word) => `${word}\n`).join(''))
      return 0
    },
  })
}
