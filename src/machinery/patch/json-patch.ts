import { opensBeyond, upstreamNesting } from '../codec/nesting.ts'
import { ApiError, badRequest, requestEntityTooLarge } from '../errors.ts'
import { isObject, jsonClone, jsonEqual } from '../json.ts'

/**
 * JSON Patch (RFC 6902) with the deviations of evanphx/json-patch v4, which kube-apiserver uses: `replace` of an absent
 * member adds it, `add` without a value adds null, negative indices count from the end, and `""` is only known to
 * `replace` and `test`. Upstream caps the operations at 10,000 (endpoints/handlers/patch.go).
 */
const maxOperations = 10_000
/** What all copies of a patch may hold together, or a small patch makes a large object (server/config.go JSONPatchMaxCopyBytes). */
const maxCopiedBytes = 3 * 1024 * 1024

type Container = Record<string, unknown> | unknown[]

/** A patch that does not apply; the message says which operation and why. Clients see upstream's general words. */
export class JsonPatchFailed extends ApiError {
  readonly why: string
  /** The patch could be applied, but it tests for what is not so. */
  readonly testFailed: boolean
  constructor(why: string, testFailed = false) {
    super({
      code: 422,
      reason: 'Invalid',
      details: {},
      message: 'the server rejected our request due to an error in our request',
    })
    this.why = why
    this.testFailed = testFailed
  }
}

/** The patched document; inputs stay as they are. Throws ApiError: 400 malformed, 413 too many, 422 does not apply. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = decode(patch)
  if (operations.length > maxOperations) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    )
  }
  const root = { document: jsonClone(document) as Container, copiedBytes: 0 }
  try {
    for (const operation of operations) apply(root, operation)
  } catch (error) {
    // Copies into copies nest deeper than there is stack.
    if (!(error instanceof RangeError)) throw error
    return fail(tooDeep)
  }
  return opensBeyond(root.document, upstreamNesting) === undefined ? root.document : fail(tooDeep)
}
const tooDeep = 'exceeded max depth'

type Operation = Readonly<Record<string, unknown>>

function decode(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) {
    if (patch === null) return []
    throw badRequest(`json: cannot unmarshal ${jsonKind(patch)} into Go value of type jsonpatch.Patch`)
  }
  for (const operation of patch) {
    if (isObject(operation) || operation === null) continue
    throw badRequest(`json: cannot unmarshal ${jsonKind(operation)} into Go value of type jsonpatch.Operation`)
  }
  return patch.map((operation) => operation ?? {})
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const missing = 'missing value'
const fail = (why: string): never => {
  throw new JsonPatchFailed(why)
}

interface Root {
  document: Container
  copiedBytes: number
}

function apply(root: Root, operation: Operation): void {
  const kind = typeof operation.op === 'string' ? operation.op : 'unknown'
  const value = () => (operation.value === undefined ? null : jsonClone(operation.value))
  switch (kind) {
    case 'add': {
      const path = pointer(operation, 'path', `add operation failed to decode path: ${missing}`)
      const { container, key } =
        find(root.document, path) ?? fail(`add operation does not apply: doc is missing path: "${path}": ${missing}`)
      add(container, key, value(), `error in add for path: '${path}'`)
      return
    }
    case 'remove': {
      const path = pointer(operation, 'path', `remove operation failed to decode path: ${missing}`)
      const { container, key } =
        find(root.document, path) ?? fail(`remove operation does not apply: doc is missing path: "${path}": ${missing}`)
      remove(container, key, `error in remove for path: '${path}'`)
      return
    }
    case 'replace':
      replace(root, operation, value)
      return
    case 'move': {
      const from = pointer(
        operation,
        'from',
        `move operation failed to decode from: operation, missing from field: ${missing}`,
      )
      const source =
        find(root.document, from) ??
        fail(`move operation does not apply: doc is missing from path: ${from}: ${missing}`)
      const moved = get(source.container, source.key, `error in move for path: '${source.key}'`)
      remove(source.container, source.key, `error in move for path: '${source.key}'`)
      const path = pointer(
        operation,
        'path',
        `move operation failed to decode path: operation missing path field: ${missing}`,
      )
      const target =
        find(root.document, path) ??
        fail(`move operation does not apply: doc is missing destination path: ${path}: ${missing}`)
      add(target.container, target.key, moved ?? null, `error in move for path: '${path}'`)
      return
    }
    case 'copy': {
      const from = pointer(
        operation,
        'from',
        `copy operation failed to decode from: operation, missing from field: ${missing}`,
      )
      const source =
        find(root.document, from) ??
        fail(`copy operation does not apply: doc is missing from path: ${from}: ${missing}`)
      const copied = get(source.container, source.key, `error in copy for from: '${from}'`)
      root.copiedBytes += copied === undefined ? 0 : Buffer.byteLength(JSON.stringify(copied))
      if (root.copiedBytes > maxCopiedBytes) fail('unable to copy: the accumulated size limit is exceeded')
      const path = pointer(operation, 'path', `copy operation failed to decode path: ${missing}`)
      const target =
        find(root.document, path) ??
        fail(`copy operation does not apply: doc is missing destination path: ${path}: ${missing}`)
      add(
        target.container,
        target.key,
        copied === undefined ? null : jsonClone(copied),
        'error while adding value during copy',
      )
      return
    }
    case 'test':
      check(root.document, operation)
      return
    default:
      fail(`Unexpected kind: ${kind}`)
  }
}

function replace(root: Root, operation: Operation, value: () => unknown): void {
  const path = pointer(
    operation,
    'path',
    `replace operation failed to decode path: operation missing path field: ${missing}`,
  )
  if (path === '') {
    const whole = value()
    if (!isObject(whole) && !Array.isArray(whole)) return fail('replace operation value must be object or array')
    root.document = whole
    return
  }
  const { container, key } =
    find(root.document, path) ?? fail(`replace operation does not apply: doc is missing path: ${path}: ${missing}`)
  if (!Array.isArray(container)) {
    put(container, key, value())
    return
  }
  const index = place(container, key)
  if (index === undefined) return fail(`replace operation does not apply: doc is missing key: ${path}: ${missing}`)
  container[index] = value()
}

function check(document: Container, operation: Operation): void {
  const path = pointer(
    operation,
    'path',
    `test operation failed to decode path: operation missing path field: ${missing}`,
  )
  const failed = new JsonPatchFailed(`testing value ${path} failed: test failed`, true)
  if (path === '') {
    if (!jsonEqual(document, operation.value)) throw failed
    return
  }
  const { container, key } =
    find(document, path) ?? fail(`test operation does not apply: is missing path: ${path}: ${missing}`)
  const actual = get(container, key, `error in test for path: '${path}'`) ?? null
  // An absent member equals null, as does an absent value.
  if (!jsonEqual(actual, operation.value ?? null)) throw failed
}

function pointer(operation: Operation, member: 'path' | 'from', why: string): string {
  const value = operation[member]
  return typeof value === 'string' ? value : fail(why)
}

/** Where the last part of the pointer lies; undefined when the way there is broken. */
function find(document: Container, path: string): { container: Container; key: string } | undefined {
  const parts = path.split('/')
  if (parts.length < 2) return undefined
  let container = document
  for (const part of parts.slice(1, -1)) {
    const key = unescape(part)
    const next = Array.isArray(container) ? container[place(container, key) ?? -1] : own(container, key)
    if (!isObject(next) && !Array.isArray(next)) return undefined
    container = next
  }
  return { container, key: unescape(parts.at(-1)!) }
}

function unescape(part: string): string {
  return part.replace(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~'))
}

function own(container: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(container, key) ? container[key] : undefined
}

/** Sets a member whatever its name; `__proto__` is data here. */
function put(container: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true })
}

function integer(key: string): number | undefined {
  return /^[+-]?[0-9]+$/.test(key) && Number.isSafeInteger(Number(key)) ? Number(key) : undefined
}

/** The index of an item that is there. */
function place(list: readonly unknown[], key: string): number | undefined {
  const index = integer(key)
  if (index === undefined || index >= list.length || index < -list.length) return undefined
  return index < 0 ? index + list.length : index
}

function outOfRange(key: string): string {
  const index = integer(key)
  if (index === undefined) return `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`
  return `Unable to access invalid index: ${index}: invalid index referenced`
}

function get(container: Container, key: string, what: string): unknown {
  if (!Array.isArray(container)) return own(container, key)
  const index = place(container, key)
  return index === undefined ? fail(`${what}: ${outOfRange(key)}`) : container[index]
}

function add(container: Container, key: string, value: unknown, what: string): void {
  if (!Array.isArray(container)) {
    put(container, key, value)
    return
  }
  if (key === '-') {
    container.push(value)
    return
  }
  const index = integer(key)
  if (index === undefined) fail(`${what}: value was not a proper array index: '${key}': ${outOfRange(key)}`)
  const at = index! < 0 ? index! + container.length + 1 : index!
  if (at < 0 || at > container.length) fail(`${what}: ${outOfRange(key)}`)
  container.splice(at, 0, value)
}

function remove(container: Container, key: string, what: string): void {
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) fail(`${what}: Unable to remove nonexistent key: ${key}: ${missing}`)
    delete container[key]
    return
  }
  const index = place(container, key)
  if (index === undefined) fail(`${what}: ${outOfRange(key)}`)
  container.splice(index!, 1)
}
