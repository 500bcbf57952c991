import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../api/types.generated.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import type { Selector } from '../../machinery/labels/selector.ts'

/** A term of pod affinity, read for matching (kube-scheduler framework/types.go AffinityTerm). */
export interface AffinityTerm {
  readonly topologyKey: string
  readonly namespaces: ReadonlySet<string>
  readonly namespaceSelector: Selector
  readonly selector: Selector
  /** 0 for a required one. */
  readonly weight: number
  /** Equal terms have equal keys. */
  readonly key: string
}

/** Whether the term means the pod; `namespaceLabels`: those of the pod's namespace. */
export function termMatches(
  term: AffinityTerm,
  pod: { readonly namespace: string; readonly labels: Labels | undefined },
  namespaceLabels: Labels | undefined,
): boolean {
  const inNamespace =
    term.namespaces.has(pod.namespace) ||
    (!term.namespaceSelector.nothing &&
      namespaceLabels !== undefined &&
      term.namespaceSelector.matches(namespaceLabels))
  return inNamespace && term.selector.matches(pod.labels)
}
type Labels = { readonly [label: string]: string }

export function requiredTerms(pod: Pod, terms: readonly PodAffinityTerm[] | undefined): readonly AffinityTerm[] {
  return terms?.map((term) => read(pod, term, 0)) ?? none
}
export function preferredTerms(
  pod: Pod,
  terms: readonly WeightedPodAffinityTerm[] | undefined,
): readonly AffinityTerm[] {
  return terms?.map(({ podAffinityTerm, weight }) => read(pod, podAffinityTerm, weight)) ?? none
}
const none: readonly AffinityTerm[] = Object.freeze([])

function read(pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm {
  const { namespaces = [], namespaceSelector, labelSelector, topologyKey } = term
  const own = namespaces.length === 0 && !namespaceSelector
  const names = own ? [pod.metadata.namespace ?? ''] : namespaces
  const chosen = cachedSelector(namespaceSelector)
  const selector = cachedSelector(labelSelector)
  const texts = [
    topologyKey,
    names.toSorted(),
    chosen.nothing || chosen.toString(),
    selector.nothing || selector.toString(),
    weight,
  ]
  return {
    topologyKey,
    namespaces: new Set(names),
    namespaceSelector: chosen,
    selector,
    weight,
    key: JSON.stringify(texts),
  }
}
