import { reservedWords } from '../../cel/declared-structs.ts'

const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
}
const escaped: ReadonlyMap<string, string> = new Map(Object.entries(escapes).map(([text, escape]) => [escape, text]))

/** A member's name as expressions write it; undefined: they cannot name it (apiserver pkg/cel/escaping.go). */
export function escapeIdentifier(name: string): string | undefined {
  if (reservedWords.has(name)) return `__${name}__`
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined
  return name.replace(/__|[-./]/g, (text) => escapes[text]!)
}

/** The member that an expression names; undefined: none can be named so. */
export function unescapeIdentifier(text: string): string | undefined {
  let known = true
  const name = text.replace(/__[^_]+__/g, (escape) => {
    const plain = escaped.get(escape)
    if (plain !== undefined) return plain
    const word = escape.slice(2, -2)
    if (!reservedWords.has(word) || escape.length !== text.length) known = false
    return word
  })
  return known ? name : undefined
}
