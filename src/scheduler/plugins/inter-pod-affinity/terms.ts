import type { Pod } from '../../../api/types.generated.ts'
import { nothing } from '../../../machinery/labels/selector.ts'
import { type AffinityTerm, requiredTerms, termMatches } from '../../cache/affinity-term.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { Lookups } from '../../framework/lookups.ts'

type Labelled = Pick<PodInfo, 'namespace' | 'labels'>

/** The terms with their namespace selectors resolved to names, so that other pods can be matched without a look-up. */
export function resolveNamespaces(terms: readonly AffinityTerm[], lookups: Lookups): readonly AffinityTerm[] {
  if (terms.every(({ namespaceSelector }) => namespaceSelector.nothing)) return terms
  return terms.map((term) => {
    if (term.namespaceSelector.nothing) return term
    const chosen = lookups
      .namespaces()
      .filter(({ metadata }) => term.namespaceSelector.matches(metadata.labels))
      .map(({ metadata }) => metadata.name ?? '')
    return { ...term, namespaces: new Set([...term.namespaces, ...chosen]), namespaceSelector: nothing }
  })
}

/** Whether a pod is meant by each of these (resolved) terms; by none when there are none. */
export function matchesAll(terms: readonly AffinityTerm[], pod: Labelled): boolean {
  return terms.length > 0 && terms.every((term) => termMatches(term, pod, undefined))
}
export function matchesAny(terms: readonly AffinityTerm[], pod: Labelled): boolean {
  return terms.some((term) => termMatches(term, pod, undefined))
}

export function requiredAffinityOf(pod: Pod): readonly AffinityTerm[] {
  return requiredTerms(pod, pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution)
}
export function requiredAntiAffinityOf(pod: Pod): readonly AffinityTerm[] {
  return requiredTerms(pod, pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution)
}
export function labelledOf({ metadata }: Pod): Labelled {
  return { namespace: metadata.namespace ?? '', labels: metadata.labels }
}
