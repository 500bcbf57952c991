import type { ResourceDefinition } from '../../api/definition.ts'
import type { UserInfo } from '../../api/user.ts'
import { deepFreeze, jsonClone } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { AdmissionAttributes, Operation } from './plugin.ts'

export interface TestRequest {
  readonly operation?: Operation
  readonly object?: object
  readonly oldObject?: object
  readonly subresource?: string
  /** Kind of a subresource's object. */
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly user?: UserInfo
  readonly dryRun?: boolean
}

/** A request as a plugin sees it, for tests: the object is a draft of its own, the stored one is frozen. */
export function testAttributes(
  definition: ResourceDefinition<never> | ResourceDefinition,
  request: TestRequest,
): AdmissionAttributes & { readonly warnings: string[] } {
  const { group, version, kind, resource, namespaced } = definition as ResourceDefinition
  const { operation = 'CREATE', subresource = '', dryRun = false } = request
  const object = request.object && (jsonClone(request.object) as never as KubeObject)
  const oldObject = request.oldObject && (deepFreeze(jsonClone(request.oldObject)) as never as KubeObject)
  const warnings: string[] = []
  return {
    operation,
    kind: request.kind ? { group: '', version: 'v1', kind: request.kind } : { group, version, kind },
    resource: { group, version, resource },
    subresource,
    definition: definition as ResourceDefinition,
    name: request.name ?? object?.metadata?.name ?? oldObject?.metadata?.name ?? '',
    namespace: request.namespace ?? (namespaced ? 'default' : ''),
    object: object as never,
    oldObject,
    user: request.user ?? { name: 'joe', groups: ['system:authenticated'] },
    dryRun,
    options: {},
    warnings,
    warn: (text) => void warnings.push(text),
    annotate: () => {},
  }
}
