import type {
  FieldSelectorRequirement,
  LabelSelectorRequirement,
  ResourceAttributes,
} from '../../api/types.generated.ts'
import type { UserInfo } from '../../api/user.ts'
import { parseFieldSelector } from '../../machinery/fields/field-selector.ts'
import { parseSelector } from '../../machinery/labels/parse-selector.ts'
import type { AuthorizationAttributes, SelectorRequirement } from '../authorization/authorizer.ts'

/** The request that a review asks about, and what of its selectors had to be ignored. */
export interface ReviewedRequest {
  readonly attributes: AuthorizationAttributes
  readonly errors: readonly string[]
}

/** pkg/registry/authorization/util/helpers.go ResourceAttributesFrom, BuildEvaluationError. */
export function resourceRequest(user: UserInfo, asked: ResourceAttributes): ReviewedRequest {
  const errors: string[] = []
  const note = (field: string, found: Selected) => {
    if (!found.failed) return
    const much = found.requirements.length > 0 ? 'partially ignored' : 'ignored'
    errors.push(`spec.resourceAttributes.${field} ${much} due to parse error`)
  }
  const fields = select(asked.fieldSelector, parseFields, fieldRequirement)
  const labels = select(asked.labelSelector, parseLabels, labelRequirement)
  note('fieldSelector', fields)
  note('labelSelector', labels)
  return {
    attributes: {
      user,
      resourceRequest: true,
      verb: asked.verb ?? '',
      namespace: asked.namespace ?? '',
      apiGroup: asked.group ?? '',
      apiVersion: asked.version || '*',
      resource: asked.resource ?? '',
      subresource: asked.subresource ?? '',
      name: asked.name ?? '',
      path: '',
      fieldSelector: fields.requirements.length > 0 ? fields.requirements : undefined,
      labelSelector: labels.requirements.length > 0 ? labels.requirements : undefined,
    },
    errors,
  }
}

export function pathRequest(
  user: UserInfo,
  asked: { readonly path?: string; readonly verb?: string },
): ReviewedRequest {
  const none = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '' }
  const attributes = { user, resourceRequest: false, verb: asked.verb ?? '', path: asked.path ?? '', ...none }
  return { attributes, errors: [] }
}

interface Selected {
  readonly requirements: readonly SelectorRequirement[]
  readonly failed: boolean
}

// Requirements are joined by "and": dropping one that is not understood asks for more, never for less.
function select<Requirement>(
  asked: { readonly rawSelector?: string; readonly requirements?: readonly Requirement[] } | undefined,
  parse: (text: string) => readonly SelectorRequirement[],
  convert: (requirement: Requirement) => SelectorRequirement | undefined,
): Selected {
  const { rawSelector, requirements = [] } = asked ?? {}
  if (requirements.length > 0) {
    const understood = requirements.map(convert).filter((one) => one !== undefined)
    return { requirements: understood, failed: understood.length < requirements.length }
  }
  if (!rawSelector) return { requirements: [], failed: false }
  try {
    return { requirements: parse(rawSelector), failed: false }
  } catch {
    return { requirements: [], failed: true }
  }
}

function parseFields(text: string): SelectorRequirement[] {
  return parseFieldSelector(text).requirements.map(({ field, operator, value }) => ({
    key: field,
    operator,
    values: [value],
  }))
}

function parseLabels(text: string): SelectorRequirement[] {
  return parseSelector(text).requirements.map(({ key, operator, values }) => ({ key, operator, values: [...values] }))
}

function fieldRequirement({ key, operator, values = [] }: FieldSelectorRequirement): SelectorRequirement | undefined {
  const symbol = { In: '=', NotIn: '!=' }[operator]
  return symbol === undefined || values.length !== 1 ? undefined : { key, operator: symbol, values }
}

function labelRequirement({ key, operator, values = [] }: LabelSelectorRequirement): SelectorRequirement | undefined {
  const symbol = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }[operator]
  return symbol === undefined ? undefined : { key, operator: symbol, values }
}
