import { ApiError } from '../../machinery/errors.ts'
import type { ListMeta } from '../../machinery/meta/object.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import { goPackage } from '../../api/schema/facts.ts'
import { parseApiVersion } from '../../machinery/meta/object.ts'
import type { Answer, ObjectAnswer, ObjectConversion } from '../answer.ts'
import type { Conversion } from '../negotiation/accept.ts'
import type { Query } from '../routing/query.ts'
import { asStored } from './resource.ts'
import { type MadeForm, parseIncludeObject, partialMetadata, tableForm, tableOf, wrongShape } from './table.ts'

/** Turns an answer into the Table or the metadata that the client asked for (handlers/response.go). */
export function convertAnswer(answer: Answer, conversion: Conversion, query: Query, now: number): Answer {
  if (answer.type !== 'stored' && answer.type !== 'list') return answer
  const { kind, version } = conversion
  const { definition, code } = answer
  const made = (object: object): Answer => ({ type: 'object', code, object })
  if (kind === 'Table') {
    const options = { version, include: parseIncludeObject(query.get('includeObject')), noHeaders: false, now }
    if (answer.type === 'list') {
      return madeList(code, 'rows', tableForm(definition, answer.items, listMeta(answer.metadata), options))
    }
    const { resourceVersion } = answer.object.object.metadata
    return made(tableOf(definition, [answer.object], { resourceVersion }, options))
  }
  if (answer.type === 'list') {
    if (kind === 'PartialObjectMetadata') {
      throw wrongShape(
        `you requested PartialObjectMetadata, but the requested object is a list (${goType(definition, 'List')})`,
      )
    }
    return madeList(code, 'items', {
      head: {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${version}`,
        metadata: listMeta(answer.metadata),
      },
      // Go's nil: no list was made.
      elements: answer.items.length === 0 ? undefined : answer.items,
      make: (item) => partialMetadata(asStored(item), version, definition),
    })
  }
  if (kind === 'PartialObjectMetadataList') {
    if (!definition.protobuf) throw new ApiError({ code: 500, message: 'content is not a list' })
    throw wrongShape(
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goType(definition, '')})`,
    )
  }
  return made(partialMetadata(asStored(answer.object), version, definition))
}

/** The elements are made when the answer is written, or when somebody asks for the whole. */
function madeList(code: number, member: 'rows' | 'items', { head, elements, make }: MadeForm): ObjectAnswer {
  let whole: object | undefined
  return {
    type: 'object',
    code,
    get object() {
      return (whole ??= { ...head, [member]: elements?.map(make) ?? null })
    },
    list: elements && { head, member, elements: () => elements.values().map(make) },
  }
}

/** The same for the objects of a watch's events. Lists of metadata cannot be watched. */
export function watchConversion(
  definition: ResourceDefinition,
  conversion: Conversion | undefined,
  query: Query,
  now: () => number,
): ObjectConversion | undefined {
  if (conversion === undefined) return undefined
  const { kind, version } = conversion
  if (kind === 'PartialObjectMetadataList') {
    return {
      ...conversion,
      apply: () => {
        throw wrongShape('the requested object is not a list')
      },
    }
  }
  if (kind !== 'Table') {
    return { ...conversion, apply: (stored) => partialMetadata(asStored(stored), version, definition) }
  }
  const include = parseIncludeObject(query.get('includeObject'))
  return {
    ...conversion,
    apply: (stored, first) => {
      const metadata = { resourceVersion: stored.object.metadata.resourceVersion }
      return tableOf(definition, [stored], metadata, { version, include, noHeaders: !first, now: now() })
    },
  }
}

/** Upstream names the internal Go type. */
function goType(definition: ResourceDefinition, suffix: string): string {
  const { group } = parseApiVersion(definition.storageVersion)
  return definition.protobuf
    ? `*${goPackage(group)}.${definition.kind}${suffix}`
    : `*unstructured.Unstructured${suffix}`
}

/** Go's ListMeta leaves an empty token out, also that of custom resources. */
function listMeta({ continue: token, remainingItemCount, ...rest }: ListMeta): ListMeta {
  return token ? { ...rest, continue: token, remainingItemCount } : rest
}
