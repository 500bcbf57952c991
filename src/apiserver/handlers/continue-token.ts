import { DecodeError } from '../../machinery/codec/decode-error.ts'
import { parseJson } from '../../machinery/codec/json/decode.ts'
import { jsonKind } from '../../machinery/codec/json/json-kind.ts'
import { isObject } from '../../machinery/json.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { badRequest } from '../../machinery/errors.ts'

/** Where a paged list goes on: after `after` (below the list's own prefix), at a revision; -1: at the newest. */
export interface ContinueToken {
  readonly after: string
  readonly revision: number
}

/** Upstream's form, so that a token outlives a change of server (apiserver pkg/storage/continue.go). */
export function encodeContinue({ after, revision }: ContinueToken): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

const fieldTypes = { v: 'string', rv: 'int64', start: 'string' }

function parsedToken(text: string): { v?: unknown; rv?: unknown; start?: unknown } {
  const value = parseJson(text) ?? {}
  const cannot = (what: unknown, into: string) =>
    new DecodeError(`json: cannot unmarshal ${jsonKind(what)} into Go ${into}`)
  if (!isObject(value)) throw cannot(value, 'value of type storage.continueToken')
  for (const [name, type] of Object.entries(fieldTypes)) {
    const member = value[name] ?? undefined
    if (member === undefined || typeof member === (type === 'int64' ? 'number' : type)) continue
    throw cannot(member, `struct field continueToken.${name} of type ${type}`)
  }
  return value
}

/** Throws BadRequest. */
export function decodeContinue(text: string): ContinueToken {
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid${why}`)
  const illegal = /[^A-Za-z0-9_-]/.exec(text)?.index ?? (text.length % 4 === 1 ? text.length - 1 : undefined)
  if (illegal !== undefined) throw refuse(`: illegal base64 data at input byte ${illegal}`)
  let token: { v?: unknown; rv?: unknown; start?: unknown }
  const bytes = Buffer.from(text, 'base64url')
  try {
    // Go's scanner names single bytes.
    if (bytes[0]! >= 0x80) {
      const byte = goQuote(String.fromCharCode(bytes[0]!)).slice(1, -1)
      throw new DecodeError(`invalid character '${byte}' looking for beginning of value`)
    }
    token = parsedToken(bytes.toString('utf8'))
  } catch (error) {
    throw refuse(`: ${(error as Error).message}`)
  }
  if (token.v !== 'meta.k8s.io/v1')
    throw refuse(`: server does not recognize this encoded version ${String(token.v ?? '')}`)
  if (typeof token.rv !== 'number' || token.rv === 0) {
    throw refuse(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  }
  if (typeof token.start !== 'string' || token.start === '') {
    throw refuse(': encoded start key empty (version meta.k8s.io/v1)')
  }
  const key = token.start.startsWith('/') ? token.start.slice(1) : token.start
  // No way up: the key stays below the prefix of the list.
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) throw refuse(`: ${token.start}`)
  return { after: key.endsWith('\0') ? key.slice(0, -1) : key, revision: token.rv }
}
