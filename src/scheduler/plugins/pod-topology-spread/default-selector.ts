import { controllerOf } from '../../../machinery/meta/object.ts'
import { selectorOfLabelSelector } from '../../../machinery/labels/label-selector.ts'
import type { Requirement } from '../../../machinery/labels/requirement.ts'
import { type Selector, selectorOf, selectorOfLabels } from '../../../machinery/labels/selector.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { Lookups } from '../../framework/lookups.ts'

/** The like of a pod, by its services and its controller (plugins/helper/spread.go). */
export function defaultSelector({ pod, namespace, labels }: PodInfo, lookups: Lookups): Selector {
  const own: Record<string, string> = {}
  for (const { spec } of lookups.services(namespace)) {
    // A service without a selector selects nothing.
    if (!spec?.selector) continue
    if (selectorOfLabels(spec.selector).matches(labels)) Object.assign(own, spec.selector)
  }
  const owner = controllerOf(pod)
  let requirements: readonly Requirement[] = []
  if (owner) {
    const selector = { apps: owner.apiVersion === 'apps/v1', core: owner.apiVersion === 'v1' }
    if (selector.core && owner.kind === 'ReplicationController') {
      Object.assign(own, lookups.replicationController(namespace, owner.name)?.spec?.selector)
    } else if (selector.apps && owner.kind === 'ReplicaSet') {
      const set = lookups.replicaSet(namespace, owner.name)
      if (set) requirements = selectorOfLabelSelector(set.spec?.selector).requirements
    } else if (selector.apps && owner.kind === 'StatefulSet') {
      const set = lookups.statefulSet(namespace, owner.name)
      if (set) requirements = selectorOfLabelSelector(set.spec?.selector).requirements
    }
  }
  return selectorOf([...selectorOfLabels(own).requirements, ...requirements])
}
