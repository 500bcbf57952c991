import type { KindRules } from '../../../api/definition.ts'
import { isObject } from '../../../machinery/json.ts'
import type { ScaleRules } from './scale-of.ts'

/** The Scale of a custom resource, by the simple paths that its definition names (apiextensions customresource/etcd.go). */
export function customScale(paths: NonNullable<KindRules['scale']>): ScaleRules {
  const specPath = membersOf(paths.specReplicasPath)
  const statusPath = membersOf(paths.statusReplicasPath)
  const selectorPath = paths.labelSelectorPath ? membersOf(paths.labelSelectorPath) : undefined
  return {
    replicasPath: specPath,
    custom: {
      unsetPath: (object) =>
        (valueAt(object, specPath) ?? undefined) === undefined ? paths.specReplicasPath : undefined,
    },
    replicas: (object) => numberAt(object, specPath),
    setReplicas(draft, replicas) {
      let members = draft as unknown as Record<string, unknown>
      for (const name of specPath.slice(0, -1)) {
        const next = members[name]
        members = (isObject(next) ? next : (members[name] = {})) as Record<string, unknown>
      }
      members[specPath.at(-1)!] = replicas
    },
    statusReplicas: (object) => numberAt(object, statusPath),
    selector(object) {
      const selector = selectorPath && valueAt(object, selectorPath)
      return typeof selector === 'string' ? selector : ''
    },
  }
}

/** `.spec.replicas`: only members, no lists. */
function membersOf(path: string): string[] {
  return path.replace(/^\./, '').split('.')
}

function valueAt(object: unknown, path: readonly string[]): unknown {
  let value = object
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

function numberAt(object: unknown, path: readonly string[]): number {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : 0
}
