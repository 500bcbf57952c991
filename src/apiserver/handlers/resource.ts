import type { ResourceDefinition } from '../../api/definition.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { StoredObject } from '../cache/stored-object.ts'
import { allMediaTypes, withoutProtobuf } from '../negotiation/media-type.ts'
import type { Offer } from '../negotiation/accept.ts'
import type { Registry } from '../registry/registry.ts'
import { formOf } from '../registry/stored-form.ts'

/** A kind in the version that a path names, and the registry that keeps its objects. */
export interface Resource {
  readonly definition: ResourceDefinition
  readonly registry: Registry
}

/** What update and patch work on: a resource itself, or a view of it such as its Scale. */
export interface Target {
  /** Of the bodies and answers. */
  readonly definition: ResourceDefinition
  readonly registry: Pick<Registry, 'get' | 'update'>
}

const builtIn: Offer = { mediaTypes: allMediaTypes, metadataTypes: allMediaTypes }
const custom: Offer = { mediaTypes: withoutProtobuf, metadataTypes: allMediaTypes }

export function offerOf(definition: ResourceDefinition): Offer {
  return definition.protobuf ? builtIn : custom
}

/** Whether objects are not, or need not be, stored as the path's version has them. */
export function showsForms({ rules }: ResourceDefinition): boolean {
  return rules.conversion !== undefined || rules.storedForm !== undefined
}

/** Whether objects are stored in another version than the path's. */
export function converts(definition: ResourceDefinition): boolean {
  return definition.storageVersion !== apiVersionOf(definition) && definition.rules.conversion !== undefined
}

/** A stored object in the version of the path; made once per object. A custom one must be known in it already. */
export function inVersion(definition: ResourceDefinition, stored: StoredObject): StoredObject {
  if (definition.rules.storedForm !== undefined) {
    const form = formOf(definition, stored)
    if (form === undefined) throw new Error(`${stored.key} is not converted yet`)
    return form
  }
  if (!converts(definition)) return stored
  return stored.rendition(definition, () => {
    const object = definition.rules.conversion!.fromStorage(stored.object)
    const ordered = normalize(definition.schema, object) as KubeObject
    const made = StoredObject.encode(stored.key, ordered, stored.revision, stored.createRevision)
    made.rendition(original, () => stored)
    return made
  })
}

const original: unique symbol = Symbol('original')

/** What {@link inVersion} was given: tables and metadata alone are told of it, as upstream tells them of its internal types. */
export function asStored(shown: StoredObject): KubeObject {
  return (shown.kept<StoredObject>(original) ?? shown).object
}

/** What is about to be stored, as the path's version has it: so admission sees it. */
export function fromStorage(definition: ResourceDefinition, object: KubeObject): KubeObject {
  return converts(definition) && object.apiVersion === definition.storageVersion
    ? definition.rules.conversion!.fromStorage(object)
    : object
}

export function toStorage(definition: ResourceDefinition, object: KubeObject): KubeObject {
  return converts(definition) ? definition.rules.conversion!.toStorage(object) : object
}
