import type { ResourceDefinition } from '../../api/definition.ts'
import type { RequestInfo } from './request-info.ts'

const ofItems: readonly string[] = ['get', 'update', 'patch', 'delete']

/**
 * Whether there is such a path of a built-in kind, for any method: a path that is not there is not found, one that is
 * refuses a method (apiserver pkg/endpoints/installer.go). `reachesFurther`: the subresource takes a path of its own.
 */
export function isServedPath(definition: ResourceDefinition, info: RequestInfo, reachesFurther: boolean): boolean {
  const { namespaced, verbs } = definition
  const everywhere = namespaced && info.namespace === ''
  const { length } = info.parts
  if (length === 1) return !everywhere || verbs.includes('list')
  if (everywhere) return false
  if (length === 2) return verbs.some((verb) => ofItems.includes(verb))
  return length === 3 || reachesFurther
}
