import type { Column, ResourceDefinition } from '../../api/definition.ts'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { ApiError, badRequest } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { KubeObject, ListMeta } from '../../machinery/meta/object.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import type { Conversion } from '../negotiation/accept.ts'
import { asStored } from './resource.ts'

const objectMeta = schemaOfKind('', 'v1', 'ConfigMap')!.properties!.get('metadata')!.schema

export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** `includeObject` of the query. Throws BadRequest. */
export function parseIncludeObject(text: string | undefined): IncludeObject {
  if (!text) return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  const why = `includeObject: Invalid value: ${goQuote(text)}: must be 'Metadata', 'Object', 'None', or empty`
  throw badRequest(`Unable to convert to Table as requested: ${why}`)
}

const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  cell: (object) => object.metadata.name,
}
const createdAtColumn: Column = {
  name: 'Created At',
  type: 'date',
  priority: 0,
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  cell: (object) => object.metadata.creationTimestamp,
}
/** Kinds without columns of their own (apiserver pkg/registry/rest/table.go). */
const defaultColumns: readonly Column[] = [nameColumn, createdAtColumn]

export interface TableOptions {
  readonly version: Conversion['version']
  readonly include: IncludeObject
  readonly noHeaders: boolean
  readonly now: number
}

/** A list in the form that a client asked for: its elements are made one by one, for there can be many. */
export interface MadeForm {
  /** All but the elements. */
  readonly head: object
  /** Undefined: null is written, Go's nil. */
  readonly elements: readonly StoredObject[] | undefined
  readonly make: (item: StoredObject) => object
}

/** meta.k8s.io Table of objects, as `kubectl get` prints it; its rows are the elements. */
export function tableForm(
  definition: ResourceDefinition,
  items: readonly StoredObject[],
  metadata: ListMeta,
  options: TableOptions,
): MadeForm {
  const { columns = defaultColumns, compareRows, rowConditions } = definition.rules
  const elements = compareRows === undefined ? items : items.toSorted((a, b) => compareRows(asStored(a), asStored(b)))
  const nullForNoRows = columns === defaultColumns || definition.rules.nullForNoRows === true
  return {
    head: {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${options.version}`,
      metadata,
      columnDefinitions: options.noHeaders
        ? null
        : columns
            .filter(({ undeclared }) => undeclared !== true)
            .map(({ name, type, format = '', priority, description }) => ({
              name,
              type,
              format,
              description,
              priority,
            })),
    },
    elements: nullForNoRows && elements.length === 0 ? undefined : elements,
    make: (item) => {
      const object = asStored(item)
      return {
        cells: columns.map((column) => column.cell(object, options.now) ?? null),
        conditions: filled(rowConditions?.(object)),
        object: options.include === 'Object' ? item.object : included(object, options, definition),
      }
    },
  }
}

export function tableOf(
  definition: ResourceDefinition,
  items: readonly StoredObject[],
  metadata: ListMeta,
  options: TableOptions,
): object {
  const { head, elements, make } = tableForm(definition, items, metadata, options)
  return { ...head, rows: elements?.map(make) ?? null }
}

function filled<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list?.length ? list : undefined
}

function included(
  object: KubeObject,
  { include, version }: TableOptions,
  definition: ResourceDefinition,
): object | null {
  return include === 'None' ? null : partialMetadata(object, version, definition)
}

export function partialMetadata(
  object: KubeObject,
  version: Conversion['version'],
  { rules, protobuf }: Pick<ResourceDefinition, 'rules' | 'protobuf'>,
): object {
  const own = withoutField(object.metadata, rules.fieldAnnotation)
  // Metadata by itself is a struct again.
  const metadata = protobuf ? own : (normalize(objectMeta, own) as KubeObject['metadata'])
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata }
}

function withoutField(metadata: KubeObject['metadata'], annotation: string | undefined): KubeObject['metadata'] {
  if (annotation === undefined || metadata.annotations?.[annotation] === undefined) return metadata
  const { [annotation]: _, ...annotations } = metadata.annotations
  if (Object.keys(annotations).length > 0) return { ...metadata, annotations }
  const { annotations: __, ...rest } = metadata
  return rest
}

/** An object was asked for as a list of metadata, or the other way round. */
export function wrongShape(message: string): ApiError {
  return new ApiError({ code: 406, reason: 'NotAcceptable', message })
}
