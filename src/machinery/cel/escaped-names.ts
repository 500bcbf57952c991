/**
 * Field names that are no names in CEL are written escaped: `kubernetes__dot__io` (apiserver pkg/cel/escaping.go).
 * undefined: the text is no escaped name.
 */
export function unescapeName(escaped: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped)) return undefined
  const keyword = /^__([a-z]+)__$/.exec(escaped)?.[1]
  if (keyword !== undefined && keywords.has(keyword)) return keyword
  let known = true
  const name = escaped.replace(/__([a-z]*)__|__/g, (whole, word: string | undefined) => {
    const plain = word === undefined ? undefined : symbols[word]
    if (plain === undefined) known = false
    return plain ?? whole
  })
  return known ? name : undefined
}

const symbols: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' }
const keywords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)
