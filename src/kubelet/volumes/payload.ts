import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Secret } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import { type DownwardFacts, fieldValue, resourceValue } from '../environment/downward-fields.ts'
import type { FileProjection } from './atomic-writer.ts'

/** Files from the data of objects (upstream: MakePayload of the volume plugins). */
export interface PayloadOptions {
  readonly items?: readonly KeyToPath[]
  readonly defaultMode: number
  readonly defaultUser?: number
  readonly optional: boolean
}
export type Files = Map<string, FileProjection>

export function configMapFiles(configMap: ConfigMap | undefined, options: PayloadOptions): Files {
  const data = new Map<string, Uint8Array>()
  for (const [key, text] of Object.entries(configMap?.data ?? {})) data.set(key, Buffer.from(text))
  for (const [key, text] of Object.entries(configMap?.binaryData ?? {})) data.set(key, Buffer.from(text, 'base64'))
  return files(data, options, 'configmap references non-existent config key')
}

export function secretFiles(secret: Secret | undefined, options: PayloadOptions): Files {
  const data = new Map<string, Uint8Array>()
  for (const [key, text] of Object.entries(secret?.data ?? {})) data.set(key, Buffer.from(text, 'base64'))
  return files(data, options, 'references non-existent secret key')
}

function files(data: ReadonlyMap<string, Uint8Array>, options: PayloadOptions, missing: string): Files {
  const { items = [], defaultMode, defaultUser, optional } = options
  const result: Files = new Map()
  if (items.length === 0) {
    for (const [key, bytes] of data) result.set(key, { data: bytes, mode: defaultMode, user: defaultUser })
    return result
  }
  for (const { key, path, mode = defaultMode, user = defaultUser } of items) {
    const bytes = data.get(key)
    if (bytes !== undefined) result.set(path, { data: bytes, mode, user })
    else if (!optional) throw new Error(`${missing}: ${key}`)
  }
  return result
}

export function downwardFiles(
  items: readonly DownwardAPIVolumeFile[],
  facts: DownwardFacts,
  defaultMode: number,
  defaultUser: number | undefined,
): Files {
  const result: Files = new Map()
  for (const { path, fieldRef, resourceFieldRef, mode = defaultMode, user = defaultUser } of items) {
    const text =
      fieldRef !== undefined
        ? fieldValue(facts, fieldRef.fieldPath)
        : resourceFieldRef !== undefined
          ? resourceValue(facts, resourceFieldRef)
          : ''
    result.set(path, { data: Buffer.from(text), mode, user })
  }
  return result
}

/** The object, or undefined when it is not there and need not be. */
export async function optionally<T>(optional: boolean, get: Promise<T>): Promise<T | undefined> {
  try {
    return await get
  } catch (error) {
    if (optional && isReason(error, 'NotFound')) return undefined
    throw error
  }
}
