import { declaredStructs, type StructFields } from '../../../machinery/cel/declared-structs.ts'
import { type Environment, extendEnvironment, type StructTypes } from '../../../machinery/cel/environment.ts'
import { authorizerType, resourceCheckType } from '../../../machinery/cel/libraries/authorizer.ts'
import { jsonPatchLibrary } from '../../../machinery/cel/libraries/json-patch.ts'
import { newExpressions, storedExpressions } from '../../../machinery/cel/libraries/kubernetes.ts'
import {
  boolType,
  dynType,
  intType,
  listOf,
  mapOf,
  objectType,
  stringType,
  timestampType,
  type Type,
} from '../../../machinery/cel/type.ts'
import { patchStructs } from './patch-types.ts'

const strings = listOf(stringType)
const stringMap = mapOf(stringType, stringType)

/** `request` and `namespaceObject` (apiserver pkg/admission/plugin/cel/compile.go). */
const structs: StructFields = {
  'kubernetes.GroupVersionKind': { group: stringType, version: stringType, kind: stringType },
  'kubernetes.GroupVersionResource': { group: stringType, version: stringType, resource: stringType },
  'kubernetes.UserInfo': {
    username: stringType,
    uid: stringType,
    groups: strings,
    extra: mapOf(stringType, strings),
  },
  'kubernetes.AdmissionRequest': {
    kind: objectType('kubernetes.GroupVersionKind'),
    resource: objectType('kubernetes.GroupVersionResource'),
    subResource: stringType,
    requestKind: objectType('kubernetes.GroupVersionKind'),
    requestResource: objectType('kubernetes.GroupVersionResource'),
    requestSubResource: stringType,
    name: stringType,
    namespace: stringType,
    operation: stringType,
    userInfo: objectType('kubernetes.UserInfo'),
    dryRun: boolType,
    options: dynType,
  },
  'kubernetes.NamespaceSpec': { finalizers: strings },
  'kubernetes.NamespaceCondition': {
    status: stringType,
    type: stringType,
    lastTransitionTime: timestampType,
    message: stringType,
    reason: stringType,
  },
  'kubernetes.NamespaceStatus': {
    conditions: listOf(objectType('kubernetes.NamespaceCondition')),
    phase: stringType,
  },
  'kubernetes.NamespaceMetadata': {
    name: stringType,
    generateName: stringType,
    namespace: stringType,
    labels: stringMap,
    annotations: stringMap,
    UID: stringType,
    creationTimestamp: timestampType,
    deletionGracePeriodSeconds: intType,
    deletionTimestamp: timestampType,
    generation: intType,
    resourceVersion: stringType,
    finalizers: strings,
  },
  'kubernetes.Namespace': {
    metadata: objectType('kubernetes.NamespaceMetadata'),
    spec: objectType('kubernetes.NamespaceSpec'),
    status: objectType('kubernetes.NamespaceStatus'),
  },
}

/** What an admission expression may name beside `object`, `oldObject`, `request` and `namespaceObject`. */
export interface AdmissionVariables {
  readonly params: boolean
  readonly authorizer: boolean
  /** The types of patches: `Object{…}`, `JSONPatch{…}`. */
  readonly patches?: boolean
  /** `variables.name`, by name. */
  readonly composed?: ReadonlyMap<string, Type>
  /** The types of the objects, where their schemas are known; upstream's type checker knows no request's resource. */
  readonly types?: { readonly object: Type; readonly params: Type; readonly structs: readonly StructTypes[] }
}
/** Expressions that are written now, or that are stored already. */
export type ExpressionAge = 'new' | 'stored'

const bases = new Map<ExpressionAge, Environment>()
function base(age: ExpressionAge): Environment {
  let known = bases.get(age)
  if (known === undefined) {
    known = extendEnvironment(age === 'new' ? newExpressions : storedExpressions, { structs: declaredStructs(structs) })
    bases.set(age, known)
  }
  return known
}

export function admissionEnvironment(age: ExpressionAge, options: AdmissionVariables): Environment {
  const { object, params, structs: known } = options.types ?? { object: dynType, params: dynType, structs: [] }
  const variables: [string, Type][] = [
    ['object', object],
    ['oldObject', object],
    ['namespaceObject', objectType('kubernetes.Namespace')],
    ['request', objectType('kubernetes.AdmissionRequest')],
  ]
  if (options.params) variables.push(['params', params])
  if (options.authorizer) variables.push(['authorizer', authorizerType])
  if (options.authorizer && options.types === undefined)
    variables.push(['authorizer.requestResource', resourceCheckType])
  let environment = extendEnvironment(base(age), { variables })
  for (const structsOf of known) environment = extendEnvironment(environment, { structs: structsOf })
  if (options.composed !== undefined) {
    const fields = { 'kubernetes.variables': Object.fromEntries(options.composed) }
    environment = extendEnvironment(environment, {
      variables: [['variables', objectType('kubernetes.variables')]],
      structs: declaredStructs(fields),
    })
  }
  return options.patches === true
    ? extendEnvironment(environment, { structs: patchStructs, libraries: [jsonPatchLibrary] })
    : environment
}
