import { CommandError, type Command, type Invocation } from './command.ts'
import { parseFlags, suggestion, UsageError } from './flags.ts'
import { helpText } from './help.ts'
import { visibleText } from '../../machinery/visible-text.ts'

/** Walks down to the command that the words name, parses its flags and runs it. Returns the exit code. */
export async function runCommand(root: Command, argv: readonly string[], invocation: Invocation): Promise<number> {
  if (argv[0] === 'help') return runCommand(root, [...argv.slice(1), '--help'], invocation)
  if (argv[0] === '--version') return runCommand(root, ['version', ...argv.slice(1)], invocation)
  let command = root
  let path = root.name
  let rest = [...argv]
  while (command.subcommands && rest.length > 0 && !rest[0]!.startsWith('-')) {
    const word = rest[0]!
    const next = command.subcommands.find((sub) => sub.name === word)
    if (next === undefined) {
      const names = command.subcommands.filter((sub) => !sub.hidden).map((sub) => sub.name)
      invocation.stderr(
        `${root.name}: unknown command "${word}" for "${path}"${suggestion(word, names)}\nRun "${path} --help" for the commands.\n`,
      )
      return 2
    }
    command = next
    path = `${path} ${word}`
    rest = rest.slice(1)
  }
  const beforeDashes = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest
  if (
    beforeDashes.includes('--help') ||
    beforeDashes.includes('-h') ||
    (command.run === undefined && rest.length === 0)
  ) {
    invocation.stdout(helpText(command, path))
    return 0
  }
  try {
    const { flags, args, given } = parseFlags(command.flags, rest)
    if (command.run === undefined) throw new UsageError(`${path} needs a command`)
    const [min, max] = command.argCount ?? [0, 0]
    if (args.length < min) throw new UsageError(`${path} needs ${command.args ?? 'an argument'}`)
    if (args.length > max)
      throw new UsageError(
        `${path} takes ${max === 0 ? 'no arguments' : `at most ${max}`}, got "${args.slice(max).join(' ')}"`,
      )
    return await command.run(flags, args, invocation, given)
  } catch (error) {
    if (error instanceof UsageError) {
      invocation.stderr(`${root.name}: ${visibleText(error.message)}\nRun "${path} --help" for usage.\n`)
      return command.usageExitCode ?? 2
    }
    if (error instanceof CommandError) {
      invocation.stderr(`${root.name}: ${visibleText(error.message)}\n`)
      return error.exitCode
    }
    throw error
  }
}
