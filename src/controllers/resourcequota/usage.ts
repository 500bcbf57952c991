import type { ResourceList } from '../../api/core/v1/pod/resource-list.ts'
import { addResources } from '../../api/core/v1/pod/resource-list.ts'
import { sameAmounts } from '../../api/quota/amounts.ts'
import { scopesOf } from '../../api/quota/evaluator.ts'
import { evaluatorFor } from '../../api/quota/evaluators.ts'
import type { ResourceQuota, ResourceQuotaStatus } from '../../api/types.generated.ts'
import type { GroupResource, KubeObject } from '../../machinery/meta/object.ts'

const measured: readonly GroupResource[] = [
  { group: '', resource: 'pods' },
  { group: '', resource: 'services' },
  { group: '', resource: 'persistentvolumeclaims' },
  { group: '', resource: 'configmaps' },
  { group: '', resource: 'secrets' },
  { group: '', resource: 'replicationcontrollers' },
  { group: '', resource: 'resourcequotas' },
]

/** The resources whose objects a quota over these names counts, each once. */
export function countedResources(names: readonly string[]): GroupResource[] {
  const found = new Map<string, GroupResource>()
  const add = (resource: GroupResource) => found.set(`${resource.resource}.${resource.group}`, resource)
  for (const name of names) {
    if (name.startsWith('count/')) {
      const [resource = '', ...group] = name.slice('count/'.length).split('.')
      add({ group: group.join('.'), resource })
    }
    for (const resource of measured)
      if ((evaluatorFor(resource)?.matchingResources([name]).length ?? 0) > 0) add(resource)
  }
  return [...found.values()]
}

/**
 * The status that a quota should have: its limits, and what the objects of its namespace use of them. The same object:
 * nothing changes. `objectsOf` answers undefined for a resource that is not served; what was known of it then stays.
 */
export function quotaStatus(
  quota: ResourceQuota,
  objectsOf: (resource: GroupResource) => readonly KubeObject[] | undefined,
  now: number,
): ResourceQuotaStatus {
  const hard = (quota.spec?.hard ?? {}) as ResourceList
  const names = Object.keys(hard)
  const before = (quota.status?.used ?? {}) as ResourceList
  const used: Record<string, string> = {}
  for (const name of names) if (before[name] !== undefined) used[name] = before[name]
  for (const resource of countedResources(names)) {
    const evaluator = evaluatorFor(resource)
    const objects = objectsOf(resource)
    if (evaluator === undefined || objects === undefined) continue
    const counted = objects.filter((object) => scopesOf(quota).every((scope) => evaluator.matchesScope(scope, object)))
    const sum = counted.reduce<ResourceList>((total, object) => addResources(total, evaluator.usage(object, now)), {})
    for (const name of evaluator.matchingResources(names)) used[name] = sum[name] ?? '0'
  }
  const status = quota.status
  const settled =
    status?.hard !== undefined &&
    status.used !== undefined &&
    sameAmounts(status.hard as ResourceList, hard) &&
    sameAmounts(before, used)
  return settled ? status : ({ hard, used } as ResourceQuotaStatus)
}
