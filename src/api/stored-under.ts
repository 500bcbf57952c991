import { decodeValue } from '../machinery/codec/json/decode.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { Schema } from '../machinery/schema/schema.ts'
import type { StoredForm } from './definition.ts'

/**
 * Objects that are stored as an older version which differs by its name, and by members that are gone: upstream stores
 * young kinds so, for the release before must be able to read them (default_storage_factory_builder.go).
 */
export function storedUnder(older: string, own: string, schema: () => Schema): StoredForm {
  const read = (object: KubeObject): KubeObject =>
    object.apiVersion === own
      ? object
      : (decodeValue({ ...object, apiVersion: own }, schema()).value as unknown as KubeObject)
  return {
    read,
    readAll: async (objects) => objects.map(read),
    write: (object) => ({ ...object, apiVersion: older }),
    inVersion: (object, apiVersion) =>
      apiVersion === own || apiVersion === older
        ? { object: { ...read(object), apiVersion }, schema: schema() }
        : undefined,
  }
}
