import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import { badRequest, invalid } from '../../machinery/errors.ts'
import { fieldErrors, type FieldError } from '../../machinery/field-error.ts'
import {
  everyField,
  fieldAmong,
  FieldSelectorError,
  metadataField,
  parseFieldSelector,
  type FieldSelector,
} from '../../machinery/fields/field-selector.ts'
import { parseSelector } from '../../machinery/labels/parse-selector.ts'
import { SelectorError } from '../../machinery/labels/requirement.ts'
import { everything, type Selector } from '../../machinery/labels/selector.ts'
import type { Query } from '../routing/query.ts'
import type { RequestInfo } from '../routing/request-info.ts'
import { booleanOption, integerOption } from './query-options.ts'

/** The query of list, watch and deletecollection, checked and defaulted. */
export interface ListOptions {
  readonly labels: Selector
  readonly fields: FieldSelector
  readonly watch: boolean
  readonly allowWatchBookmarks: boolean
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  readonly timeoutSeconds: number | undefined
  /** 0: no limit. */
  readonly limit: number
  readonly continue: string
  readonly sendInitialEvents: boolean | undefined
}

/** Upstream: handlers/get.go listOpts, metainternalversion validation and defaults. Throws BadRequest, Invalid. */
export function parseListOptions(
  query: Query,
  info: RequestInfo,
  definition: ResourceDefinition,
  enabled: FeatureEnabled,
): ListOptions {
  const watch = booleanOption(query, 'watch') || info.watchByPath
  const resourceVersion = query.get('resourceVersion') ?? ''
  let resourceVersionMatch = query.get('resourceVersionMatch') ?? ''
  let sendInitialEvents = query.has('sendInitialEvents') ? booleanOption(query, 'sendInitialEvents') : undefined
  const base = {
    labels: parseLabels(query.get('labelSelector') ?? ''),
    fields: selectName(parseFields(query.get('fieldSelector') ?? '', definition), info.name),
    watch,
    allowWatchBookmarks: booleanOption(query, 'allowWatchBookmarks'),
    resourceVersion,
    timeoutSeconds: integerOption(query, 'timeoutSeconds'),
    limit: integerOption(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
  }
  const watchesLists = enabled('WatchList')
  const asked = { ...base, resourceVersionMatch, sendInitialEvents }
  const legacy = resourceVersion === '' || resourceVersion === '0'
  if (watch && legacy && sendInitialEvents === undefined && resourceVersionMatch === '') {
    // SetListOptionsDefaults: a watch from nowhere, or from any version, begins with the present state.
    sendInitialEvents = true
    resourceVersionMatch = 'NotOlderThan'
  }
  const options = { ...base, resourceVersionMatch, sendInitialEvents }
  const errors = watch ? watchErrors(watchesLists ? options : asked, watchesLists) : listErrors(options)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  return options
}

function parseLabels(text: string): Selector {
  if (text === '') return everything
  try {
    return parseSelector(text)
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message, { cause: error })
    throw error
  }
}

function parseFields(text: string, definition: ResourceDefinition): FieldSelector {
  if (text === '') return everyField
  const { selectableFieldNames, hidesNamespaceField, fieldAliases } = definition.rules
  const ofMetadata = hidesNamespaceField ? ['metadata.name'] : ['metadata.name', 'metadata.namespace']
  const names = [...ofMetadata, ...(selectableFieldNames ?? [])]
  const { unknownField } = definition.rules
  const refusal = unknownField && ((field: string) => unknownField(field, apiVersionOf(definition)))
  const known = selectableFieldNames ? fieldAmong(names, refusal) : metadataField
  const convert = (field: string) =>
    fieldAliases && Object.hasOwn(fieldAliases, field) ? fieldAliases[field]! : known(field)
  try {
    return parseFieldSelector(text, convert)
  } catch (error) {
    if (error instanceof FieldSelectorError) throw badRequest(error.message, { cause: error })
    throw error
  }
}

/** A name in the path selects like `metadata.name=`. */
function selectName(fields: FieldSelector, name: string): FieldSelector {
  if (name === '') return fields
  if (fields.empty) return parseFieldSelector(`metadata.name=${name}`)
  if (fields.exactValue('metadata.name') !== name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
  }
  return fields
}

type Checked = Pick<ListOptions, 'resourceVersion' | 'resourceVersionMatch' | 'continue' | 'sendInitialEvents'>

function listErrors(options: Checked): FieldError[] {
  const errors: FieldError[] = []
  const { resourceVersionMatch: match, resourceVersion } = options
  const field = 'resourceVersionMatch'
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(fieldErrors.forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    }
    if (options.continue !== '') {
      errors.push(fieldErrors.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'))
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(fieldErrors.notSupported(field, match, ['Exact', 'NotOlderThan', '']))
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(fieldErrors.forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(fieldErrors.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  return errors
}

function watchErrors(options: Checked, watchesLists: boolean): FieldError[] {
  const errors: FieldError[] = []
  const { resourceVersionMatch: match, sendInitialEvents } = options
  const field = 'resourceVersionMatch'
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(fieldErrors.forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (sendInitialEvents !== undefined && !watchesLists) {
    const detail = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
    errors.push(fieldErrors.forbidden('sendInitialEvents', detail))
  }
  if (match !== '') {
    if (sendInitialEvents === undefined) {
      const detail = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
      errors.push(fieldErrors.forbidden(field, detail))
    }
    if (match !== 'NotOlderThan') errors.push(fieldErrors.notSupported(field, match, ['NotOlderThan']))
    if (options.continue !== '') {
      errors.push(fieldErrors.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'))
    }
  }
  return errors
}
