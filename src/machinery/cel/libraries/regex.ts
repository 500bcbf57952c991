import type { RE2JS } from 're2js'
import { ArrayList } from '../collections.ts'
import type { Library } from '../environment.ts'
import { memberOverload } from '../function.ts'
import { pattern } from '../pattern.ts'
import { intType, listOf, stringType } from '../type.ts'
import { CelError, type Value } from '../value.ts'

function withPattern(text: string, use: (pattern: RE2JS) => Value): Value {
  try {
    return use(pattern(text))
  } catch (error) {
    return new CelError(`Illegal regex: ${(error as Error).message}`)
  }
}

function find(text: string, expression: string): Value {
  return withPattern(expression, (compiled) => {
    const matcher = compiled.matcher(text)
    return matcher.find() ? (matcher.group() ?? '') : ''
  })
}

/** At most `limit` matches; negative: all. */
function findAll(text: string, expression: string, limit = -1n): Value {
  return withPattern(expression, (compiled) => {
    const matcher = compiled.matcher(text)
    const found: string[] = []
    while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) found.push(matcher.group() ?? '')
    return new ArrayList(found)
  })
}

/** apiserver pkg/cel/library/regex.go. */
export const regexLibrary: Library = {
  functions: [
    { name: 'find', overloads: [memberOverload('string_find_string', [stringType, stringType], stringType, find)] },
    {
      name: 'findAll',
      overloads: [
        memberOverload('string_find_all_string', [stringType, stringType], listOf(stringType), findAll),
        memberOverload('string_find_all_string_int', [stringType, stringType, intType], listOf(stringType), findAll),
      ],
    },
  ],
}
