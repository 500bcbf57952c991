import { parseFieldSelector } from '../../fields/field-selector.ts'
import { parseSelector } from '../../labels/index.ts'
import { nameChecks } from '../../validation/object-name.ts'
import type { Library } from '../environment.ts'
import { memberOverload } from '../function.ts'
import { boolType, objectType, stringType, type Type } from '../type.ts'
import { CelError, noSuchOverload, ObjectValue, type Value } from '../value.ts'

export const authorizerType = objectType('kubernetes.authorization.Authorizer')
const pathCheckType = objectType('kubernetes.authorization.PathCheck')
const groupCheckType = objectType('kubernetes.authorization.GroupCheck')
export const resourceCheckType = objectType('kubernetes.authorization.ResourceCheck')
const decisionType = objectType('kubernetes.authorization.Decision')
export const authorizerTypes: readonly Type[] = [
  authorizerType,
  pathCheckType,
  groupCheckType,
  resourceCheckType,
  decisionType,
]

export interface SelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values: readonly string[]
}
/** What an expression asks whether it may be done. */
export interface AccessQuestion {
  /** undefined: the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
  readonly verb: string
  readonly path?: string
  readonly resource?: {
    readonly group: string
    readonly resource: string
    readonly subresource: string
    readonly namespace: string
    readonly name: string
    readonly fieldSelector?: readonly SelectorRequirement[]
    readonly labelSelector?: readonly SelectorRequirement[]
  }
}
export interface AccessDecision {
  readonly allowed: boolean
  readonly reason: string
  readonly error?: string
}
export type AskAccess = (question: AccessQuestion) => AccessDecision

/** Authorization values know no equality (apiserver pkg/cel/library/authz.go receiverOnlyObjectVal). */
abstract class AuthorizationValue extends ObjectValue {
  equals(): Value {
    return noSuchOverload
  }
}

export class AuthorizerValue extends AuthorizationValue {
  readonly type = authorizerType
  readonly ask: AskAccess
  readonly serviceAccount?: AccessQuestion['serviceAccount']
  constructor(ask: AskAccess, serviceAccount?: AccessQuestion['serviceAccount']) {
    super()
    this.ask = ask
    this.serviceAccount = serviceAccount
  }
}

class PathCheck extends AuthorizationValue {
  readonly type = pathCheckType
  readonly authorizer: AuthorizerValue
  readonly path: string
  constructor(authorizer: AuthorizerValue, path: string) {
    super()
    this.authorizer = authorizer
    this.path = path
  }
}

class GroupCheck extends AuthorizationValue {
  readonly type = groupCheckType
  readonly authorizer: AuthorizerValue
  readonly group: string
  constructor(authorizer: AuthorizerValue, group: string) {
    super()
    this.authorizer = authorizer
    this.group = group
  }
}

interface ResourceFields {
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly fieldSelector: string
  readonly labelSelector: string
}
export class ResourceCheck extends AuthorizationValue {
  readonly type = resourceCheckType
  readonly authorizer: AuthorizerValue
  readonly fields: ResourceFields
  constructor(authorizer: AuthorizerValue, fields: Partial<ResourceFields>) {
    super()
    this.authorizer = authorizer
    const none = { group: '', resource: '', subresource: '', namespace: '', name: '' }
    this.fields = { ...none, fieldSelector: '', labelSelector: '', ...fields }
  }
  with(fields: Partial<ResourceFields>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.fields, ...fields })
  }
}

class Decision extends AuthorizationValue {
  readonly type = decisionType
  readonly decision: AccessDecision
  constructor(decision: AccessDecision) {
    super()
    this.decision = decision
  }
}

/** Selectors that cannot be read restrict nothing. */
function requirements<T>(text: string, parse: () => T): T | undefined {
  if (text === '') return undefined
  try {
    return parse()
  } catch {
    return undefined
  }
}

function checkResource({ authorizer, fields }: ResourceCheck, verb: string): Value {
  const { fieldSelector, labelSelector, ...resource } = fields
  const question: AccessQuestion = {
    serviceAccount: authorizer.serviceAccount,
    verb,
    resource: {
      ...resource,
      fieldSelector: requirements(fieldSelector, () =>
        parseFieldSelector(fieldSelector).requirements.map(({ field, operator, value }) => ({
          key: field,
          operator,
          values: [value],
        })),
      ),
      labelSelector: requirements(labelSelector, () => parseSelector(labelSelector).requirements),
    },
  }
  return new Decision(authorizer.ask(question))
}

function serviceAccount(authorizer: AuthorizerValue, namespace: string, name: string): Value {
  if (nameChecks.dns1123Subdomain(name, false).length > 0) return new CelError('Invalid service account name')
  if (nameChecks.dns1123Label(namespace, false).length > 0) return new CelError('Invalid service account namespace')
  return new AuthorizerValue(authorizer.ask, { namespace, name })
}

const setter = (name: keyof ResourceFields, id: string) => ({
  name,
  overloads: [
    memberOverload(id, [resourceCheckType, stringType], resourceCheckType, (check: ResourceCheck, value: string) =>
      check.with({ [name]: value }),
    ),
  ],
})
const reader = (name: string, type: Type, of: (decision: AccessDecision) => Value) => ({
  name,
  overloads: [memberOverload(`decision_${name}`, [decisionType], type, ({ decision }: Decision) => of(decision))],
})

/** apiserver pkg/cel/library/authz.go, with its selectors. */
export const authorizerLibrary: Library = {
  functions: [
    {
      name: 'path',
      overloads: [
        memberOverload(
          'authorizer_path',
          [authorizerType, stringType],
          pathCheckType,
          (authorizer: AuthorizerValue, path: string) =>
            path.trim() === '' ? new CelError('path must not be empty') : new PathCheck(authorizer, path),
        ),
      ],
    },
    {
      name: 'group',
      overloads: [
        memberOverload(
          'authorizer_group',
          [authorizerType, stringType],
          groupCheckType,
          (authorizer: AuthorizerValue, group: string) => new GroupCheck(authorizer, group),
        ),
      ],
    },
    {
      name: 'serviceAccount',
      overloads: [
        memberOverload(
          'authorizer_serviceaccount',
          [authorizerType, stringType, stringType],
          authorizerType,
          serviceAccount,
        ),
      ],
    },
    {
      name: 'resource',
      overloads: [
        memberOverload(
          'groupcheck_resource',
          [groupCheckType, stringType],
          resourceCheckType,
          ({ authorizer, group }: GroupCheck, resource: string) =>
            resource.trim() === ''
              ? new CelError('resource must not be empty')
              : new ResourceCheck(authorizer, { group, resource }),
        ),
      ],
    },
    setter('subresource', 'resourcecheck_subresource'),
    setter('namespace', 'resourcecheck_namespace'),
    setter('name', 'resourcecheck_name'),
    {
      name: 'check',
      overloads: [
        memberOverload(
          'pathcheck_check',
          [pathCheckType, stringType],
          decisionType,
          ({ authorizer, path }: PathCheck, verb: string) =>
            new Decision(authorizer.ask({ serviceAccount: authorizer.serviceAccount, verb, path })),
        ),
        memberOverload('resourcecheck_check', [resourceCheckType, stringType], decisionType, checkResource),
      ],
    },
    reader('errored', boolType, ({ error }) => error !== undefined),
    reader('error', stringType, ({ error }) => error ?? ''),
    reader('allowed', boolType, ({ allowed }) => allowed),
    reader('reason', stringType, ({ reason }) => reason),
    setter('fieldSelector', 'authorizer_fieldselector'),
    setter('labelSelector', 'authorizer_labelselector'),
  ],
}
