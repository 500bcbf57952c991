import type { Pod } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import { reasonText, violations } from './evaluate.ts'
import { type LevelVersion, levelVersionText } from './policy.ts'

const maxPods = 3000
const maxMs = 1000

/**
 * Warnings of what already runs in a namespace and would not be admitted any more (pod-security-admission
 * admission/admission.go EvaluatePodsInNamespace). Pods of one owner look alike, so the first of each owner comes first.
 */
export function warningsOfExistingPods(
  namespace: string,
  enforce: LevelVersion,
  pods: readonly Pod[],
  clock: Clock,
): string[] {
  const ordered = oneOfEachOwnerFirst(pods)
  const found = new Map<string, { name: string; count: number }>()
  const end = clock.monotonic() + maxMs
  let checked = 0
  for (const pod of ordered) {
    if (checked === maxPods || (checked > 0 && clock.monotonic() > end)) break
    checked++
    const reasons = reasonText(violations(enforce, pod.metadata, pod.spec))
    if (reasons === '') continue
    const name = pod.metadata.name ?? ''
    const known = found.get(reasons)
    if (known === undefined) found.set(reasons, { name, count: 1 })
    else found.set(reasons, { name: name < known.name ? name : known.name, count: known.count + 1 })
  }
  const all = pods.length
  const some = `new PodSecurity enforce level only checked against the first ${checked} of ${all} existing pods`
  const violating = `violate the new PodSecurity enforce level ${goQuote(levelVersionText(enforce))}`
  return [
    ...(checked < all ? [some] : []),
    ...(found.size > 0 ? [`existing pods in namespace ${goQuote(namespace)} ${violating}`] : []),
    ...[...found].map(([reasons, { name, count }]) => `${name}${others(count - 1)}: ${reasons}`).sort(),
  ]
}

function others(count: number): string {
  if (count === 0) return ''
  return count === 1 ? ' (and 1 other pod)' : ` (and ${count} other pods)`
}

function oneOfEachOwnerFirst(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>()
  const first: Pod[] = []
  const more: Pod[] = []
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid
    if (owner === undefined || !seen.has(owner)) first.push(pod)
    else more.push(pod)
    if (owner !== undefined) seen.add(owner)
  }
  return [...first, ...more]
}
