/**
 * `$(NAME)` references in commands, arguments and values (third_party/forked/golang/expansion): what is not known
 * stays as it is, `$$` is a dollar sign, so that `$$(NAME)` is not a reference.
 */
export function expand(input: string, value: (name: string) => string | undefined): string {
  let out = ''
  for (let at = 0; at < input.length; at++) {
    if (input[at] !== '$' || at + 1 >= input.length) {
      out += input[at]
      continue
    }
    const next = input[at + 1]
    if (next === '$') {
      out += '$'
      at++
    } else if (next === '(') {
      const end = input.indexOf(')', at + 2)
      if (end < 0) {
        out += '$('
        at++
      } else {
        const name = input.slice(at + 2, end)
        out += value(name) ?? `$(${name})`
        at = end
      }
    } else {
      out += `$${next}`
      at++
    }
  }
  return out
}
