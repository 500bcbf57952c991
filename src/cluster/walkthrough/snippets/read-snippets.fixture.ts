/** A block of a document that is to be run: one script, or commands with the output that each must print. */
export interface Snippet {
  /** The line of the first command in the document, from 1. */
  readonly line: number
  readonly commands: readonly SnippetCommand[]
}

export interface SnippetCommand {
  readonly line: number
  readonly text: string
  /** The lines that it must print; undefined: whatever it prints. */
  readonly output: readonly string[] | undefined
}

/**
 * The blocks of a Markdown text whose fence says `sh test` or `console test`. A `sh` block is one script. In a `console`
 * block lines that begin with `$ ` are commands, `> ` goes on with the one before, and all others are output.
 */
export function readSnippets(markdown: string): Snippet[] {
  const snippets: Snippet[] = []
  const lines = markdown.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const fence = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(lines[index] ?? '')
    if (fence === null) continue
    const [, indent = '', mark = '', info = ''] = fence
    const body: string[] = []
    const first = index + 2
    for (index++; index < lines.length && (lines[index] ?? '').trim() !== mark; index++)
      body.push((lines[index] ?? '').slice(indent.length))
    const [language, ...words] = info.trim().split(/\s+/)
    if (!words.includes('test')) continue
    if (language === 'sh')
      snippets.push({ line: first, commands: [{ line: first, text: body.join('\n'), output: undefined }] })
    else if (language === 'console') snippets.push({ line: first, commands: readConsole(body, first) })
    else throw new Error(`line ${first - 1}: blocks that run are sh or console, not ${language}`)
  }
  return snippets
}

function readConsole(body: readonly string[], first: number): SnippetCommand[] {
  const commands: { line: number; text: string; output: string[] }[] = []
  for (const [offset, text] of body.entries()) {
    const last = commands.at(-1)
    if (text.startsWith('$ ')) commands.push({ line: first + offset, text: text.slice(2), output: [] })
    else if (last === undefined) throw new Error(`line ${first + offset}: output before the first command`)
    else if (text.startsWith('> ') && last.output.length === 0) last.text += `\n${text.slice(2)}`
    else last.output.push(text)
  }
  return commands
}

/**
 * Whether what was printed is as a document says. Spaces count as one; `...` in a line stands for anything in it, and a line
 * of only `...` for any lines.
 */
export function outputMatches(expected: readonly string[], printed: string): boolean {
  const lines = expected.map(squeeze).filter((line) => line !== '')
  const actual = printed
    .split('\n')
    .map(squeeze)
    .filter((line) => line !== '')
  const pattern = lines.map((line) =>
    line === '...' ? '(?:.*\\n)*' : `${line.split('...').map(escapePattern).join('.*')}\\n`,
  )
  return new RegExp(`^${pattern.join('')}$`).test(actual.map((line) => `${line}\n`).join(''))
}

const squeeze = (line: string): string => line.trim().replace(/\s+/g, ' ')
const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
