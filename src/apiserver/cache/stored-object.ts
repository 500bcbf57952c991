import { goJsonText } from '../../machinery/codec/json/go-json.ts'
import { scanJson } from '../../machinery/codec/json/scan.ts'
import { upstreamNesting } from '../../machinery/codec/nesting.ts'
import { ApiError, internalError } from '../../machinery/errors.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { isSealed } from '../encryption/providers/provider.ts'

const encoder = new TextEncoder()

/** Bytes in two parts and what goes between them, so that stored bytes become an answer without being parsed. */
export interface SplicedJson {
  readonly value: Buffer
  /** Where `"resourceVersion":"…"` goes: where Go writes it, behind the uid. */
  readonly at: number
  /** Where `"metadata":{` begins. */
  readonly metadataAt: number
  readonly splice: string
}

/**
 * An object as it is stored and served: its JSON bytes without resourceVersion, its revision, and, made when first asked
 * for, the frozen object. The same bytes are the stored value, the answer and every watcher's event.
 */
export class StoredObject {
  /** Below the resource's prefix: `namespace/name`, or `name`. */
  readonly key: string
  /** Revision of the last change; of a deletion for an object that is gone. */
  readonly revision: number
  readonly createRevision: number
  readonly #value: Uint8Array
  #object: KubeObject | undefined
  #splice: SplicedJson | undefined
  #renditions: Map<unknown, unknown> | undefined

  private constructor(
    key: string,
    value: Uint8Array,
    revision: number,
    createRevision: number,
    object: KubeObject | undefined,
  ) {
    this.key = key
    this.#value = value
    this.revision = revision
    this.createRevision = createRevision
    this.#object = object
  }

  /** From stored bytes; parsed when somebody looks inside. */
  static decode(key: string, value: Uint8Array, revision: number, createRevision: number): StoredObject {
    return new StoredObject(key, value, revision, createRevision, undefined)
  }

  /** From an object that the writer has encoded; `object` carries no resourceVersion yet and nobody changes it any more. */
  static written(
    key: string,
    value: Uint8Array,
    object: KubeObject,
    revision: number,
    createRevision: number,
  ): StoredObject {
    return new StoredObject(key, value, revision, createRevision, withRevision(object, revision))
  }

  /** Encodes an object that is served but not stored in this form (another version, a virtual object). */
  static encode(key: string, object: KubeObject, revision: number, createRevision: number): StoredObject {
    return StoredObject.written(key, encodeObject(object), object, revision, createRevision)
  }

  /** The object with its resourceVersion, frozen and shared. */
  get object(): KubeObject {
    return (this.#object ??= withRevision(parseObject(this.#value), this.revision))
  }

  /** Whether the object was parsed already (looking is then free). */
  get parsed(): boolean {
    return this.#object !== undefined
  }

  get byteLength(): number {
    return this.#value.byteLength
  }

  /** The JSON with its resourceVersion. */
  json(): Uint8Array {
    const { value, at, splice } = this.spliced()
    const text = encoder.encode(splice)
    const out = new Uint8Array(value.byteLength + text.byteLength)
    out.set(value.subarray(0, at))
    out.set(text, at)
    out.set(value.subarray(at), at + text.byteLength)
    return out
  }

  spliced(): SplicedJson {
    return (this.#splice ??= spliceRevision(this.#value, this.revision, () => encodeObject(this.object)))
  }

  /** The same state under another revision, e.g. that of its deletion. */
  atRevision(revision: number): StoredObject {
    if (this.#object === undefined) return StoredObject.decode(this.key, this.#value, revision, this.createRevision)
    return StoredObject.written(this.key, this.#value, this.#object, revision, this.createRevision)
  }

  /** Another object under the same key and revisions. */
  withObject(object: KubeObject): StoredObject {
    return StoredObject.encode(this.key, object, this.revision, this.createRevision)
  }

  /** A rendition that was made already. */
  kept<T>(of: unknown): T | undefined {
    return this.#renditions?.get(of) as T | undefined
  }

  /** Something made of this object once and kept with it: an encoding, another version. */
  rendition<T>(of: unknown, make: () => T): T {
    this.#renditions ??= new Map()
    const kept = this.#renditions.get(of)
    if (kept !== undefined) return kept as T
    const made = make()
    this.#renditions.set(of, made)
    return made
  }
}

/** Revision 0: a dry run, which has none. */
function withRevision(object: KubeObject, revision: number): KubeObject {
  if (revision === 0) return deepFreeze(object)
  return deepFreeze({ ...object, metadata: metadataAt(object.metadata, String(revision), isFromMap(object)) })
}

/** Custom resources are written from Go's maps, in the order of their members; built-in kinds from its structs. */
function isFromMap(object: KubeObject): boolean {
  for (const name in object) if (name === 'apiVersion' || name === 'kind') return name === 'apiVersion'
  return false
}

/** With the version where Go writes it: behind the uid, or in order. */
function metadataAt(
  metadata: KubeObject['metadata'],
  resourceVersion: string,
  isSorted: boolean,
): KubeObject['metadata'] {
  const { name, generateName, namespace, uid, resourceVersion: _, ...rest } = metadata
  if (isSorted) {
    const members = Object.entries({ ...metadata, resourceVersion })
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1))) as KubeObject['metadata']
  }
  return {
    ...(name !== undefined && { name }),
    ...(generateName !== undefined && { generateName }),
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    resourceVersion,
    ...rest,
  }
}

function parseObject(value: Uint8Array): KubeObject {
  if (isSealed(value)) throw internalError('the stored value cannot be decrypted: no provider has its key')
  return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')) as KubeObject
}

/**
 * The stored form: kind, apiVersion and metadata first (in order, for custom resources), no resourceVersion, as upstream's JSON storage media type writes it
 * (apiserver pkg/storage/etcd3/store.go: the version is cleared before encoding).
 */
export function encodeObject(object: KubeObject): Uint8Array {
  const { kind, apiVersion, metadata, ...rest } = object as KubeObject & Record<string, unknown>
  const { resourceVersion: _, ...meta } = metadata
  const written = isFromMap(object) ? { ...object, metadata: meta } : { kind, apiVersion, metadata: meta, ...rest }
  const text = goJsonText(written)
  refuseUnreadable(text)
  return Buffer.from(text, 'utf8')
}

/**
 * Nobody could read again what is nested deeper, as managedFields of an object can be that is not itself. Upstream writes
 * it and then says this of it for ever.
 */
function refuseUnreadable(text: string): void {
  if (text.length <= 2 * upstreamNesting || scanJson(text).depth <= upstreamNesting) return
  throw new ApiError({ code: 500, message: "invalid character '{' exceeded max depth" })
}

const metadataMark = Buffer.from('"metadata":{')
const head = /^\{"(?:kind|apiVersion)":"[^"\\]*","(?:kind|apiVersion)":"[^"\\]*",$/

function spliceRevision(value: Uint8Array, revision: number, reencode: () => Uint8Array): SplicedJson {
  let bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  let metadataAt = bytes.indexOf(metadataMark)
  let isSorted = bytes[2] === 0x61
  if (metadataAt < 0 || !head.test(bytes.toString('latin1', 0, metadataAt))) {
    let sortedAt = metadataInOrder(bytes)
    if (sortedAt === undefined) {
      // Written by another API server in another order of members.
      bytes = Buffer.from(reencode())
      sortedAt = metadataInOrder(bytes)
    }
    isSorted = sortedAt !== undefined
    metadataAt = sortedAt ?? bytes.indexOf(metadataMark)
  }
  const start = metadataAt + metadataMark.byteLength
  if (revision === 0) return { value: bytes, at: start, metadataAt, splice: '' }
  const text = `"resourceVersion":"${revision}"`
  if (isSorted) {
    const at = placeInOrder(bytes, start)
    const isLast = bytes[at] === 0x7d
    return { value: bytes, at, metadataAt, splice: isLast ? (at === start ? text : `,${text}`) : `${text},` }
  }
  const [before = ''] = beforeRevision.exec(bytes.toString('latin1', start, start + longestBefore)) ?? []
  const at = start + before.length
  if (bytes[at] === 0x7d) return { value: bytes, at, metadataAt, splice: before === '' ? text : `,${text}` }
  return { value: bytes, at, metadataAt, splice: before === '' || before.endsWith(',') ? `${text},` : `,${text}` }
}

/** Where the first member of metadata begins that comes behind the version in order, or where metadata ends. */
function placeInOrder(bytes: Buffer, start: number): number {
  for (const { name, at } of namesFrom(bytes, start)) if (name === undefined || name > 'resourceVersion') return at
  return start
}

/** Where metadata begins in an object whose members are in order up to there. */
function metadataInOrder(bytes: Buffer): number | undefined {
  let before = ''
  for (const { name, at } of namesFrom(bytes, 1)) {
    if (name === undefined || name <= before) return undefined
    if (name === 'metadata') return bytes[at + metadataMark.byteLength - 1] === 0x7b ? at : undefined
    before = name
  }
  return undefined
}

/** The names of an object's members, from its first on, and where they begin; last, without a name, its end. */
function* namesFrom(
  bytes: Buffer,
  start: number,
): Generator<{ readonly name: string | undefined; readonly at: number }> {
  let depth = 0
  let isName = true
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === 0x22) {
      const from = at + 1
      at = from
      while (bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1
      if (depth === 0 && isName) yield { name: bytes.toString('latin1', from, at), at: from - 1 }
      isName = false
    } else if (byte === 0x2c) isName = depth === 0
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) {
        yield { name: undefined, at }
        return
      }
      depth--
    }
  }
}

/** The members of metadata that Go writes before the version; a name is at most 253 bytes long. */
const beforeRevision = /^(?:"(?:name|generateName|namespace|selfLink|uid)":"[^"\\]*",?)*/
const longestBefore = 1024
