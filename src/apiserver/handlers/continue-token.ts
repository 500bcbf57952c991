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

/** Throws BadRequest. */
export function decodeContinue(text: string): ContinueToken {
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid${why}`)
  let token: { v?: unknown; rv?: unknown; start?: unknown }
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch (error) {
    throw refuse(`: ${(error as Error).message}`)
  }
  if (token === null || typeof token !== 'object') throw refuse('')
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
