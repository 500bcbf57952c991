import type { Command } from './command.ts'
import type { Flag } from './flags.ts'

/** The text of `--help`. `path`: the words before, e.g. `skiff image`. */
export function helpText(command: Command, path: string): string {
  const out: string[] = [command.description ?? command.summary, '']
  const words = command.subcommands ? 'COMMAND' : (command.args ?? '')
  out.push('Usage:', `  ${[path, words, '[flags]'].filter(Boolean).join(' ')}`, '')
  if (command.examples?.length) out.push('Examples:', ...command.examples.map((example) => `  ${example}`), '')
  const visible = command.subcommands?.filter((sub) => !sub.hidden)
  if (visible?.length)
    out.push(
      'Commands:',
      ...table(visible.map((sub) => [[sub.name, sub.args].filter(Boolean).join(' '), sub.summary])),
      '',
    )
  const visibleFlags = Object.entries(command.flags).filter(([, flag]) => !flag.hidden)
  for (const group of new Set([undefined, ...visibleFlags.map(([, flag]) => flag.group)])) {
    const flags: [string, string][] = visibleFlags
      .filter(([, flag]) => flag.group === group)
      .map(([name, flag]) => [flagUsage(name, flag), flagSummary(flag)])
    if (group === undefined) out.push('Flags:', ...table([...flags, ['-h, --help', 'Print this text.']]))
    else out.push('', `${group}:`, ...table(flags))
  }
  if (command.subcommands) out.push('', `Use "${path} COMMAND --help" for more about a command.`)
  return `${out.join('\n')}\n`
}

function flagUsage(name: string, flag: Flag): string {
  const value =
    flag.type === 'boolean' ? '' : ` ${flag.placeholder ?? (flag.type === 'number' ? 'N' : flag.type.toUpperCase())}`
  return `${flag.short ? `-${flag.short}, ` : '    '}--${name}${value}`
}

function flagSummary(flag: Flag): string {
  // A default below what may be given stands for no answer.
  const unanswered = typeof flag.default === 'number' && flag.default < (flag.min ?? 0)
  const usual =
    unanswered ||
    flag.default === '' ||
    flag.default === false ||
    (Array.isArray(flag.default) && flag.default.length === 0)
  return usual ? flag.summary : `${flag.summary} (default ${String(flag.default)})`
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
