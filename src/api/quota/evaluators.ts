import type { GroupResource } from '../../machinery/meta/object.ts'
import { claimEvaluator } from './claim-evaluator.ts'
import { countEvaluator, type QuotaEvaluator } from './evaluator.ts'
import { podEvaluator } from './pod-evaluator.ts'
import { serviceEvaluator } from './service-evaluator.ts'

/** Never counted: what is not stored, and events (pkg/quota/v1/install/registry.go). */
const ignored: ReadonlySet<string> = new Set([
  'bindings.',
  'componentstatuses.',
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'events.',
  'events.events.k8s.io',
])
const aliases: readonly string[] = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']

const known = new Map<string, QuotaEvaluator | undefined>([
  ['pods.', podEvaluator as unknown as QuotaEvaluator],
  ['services.', serviceEvaluator as unknown as QuotaEvaluator],
  ['persistentvolumeclaims.', claimEvaluator as unknown as QuotaEvaluator],
])

/** How a resource counts; undefined: not at all. Every namespaced resource that is stored can be counted. */
export function evaluatorFor({ group, resource }: GroupResource): QuotaEvaluator | undefined {
  const key = `${resource}.${group}`
  if (!known.has(key)) {
    const alias = group === '' && aliases.includes(resource) ? resource : undefined
    known.set(key, ignored.has(key) ? undefined : countEvaluator({ group, resource }, alias))
  }
  return known.get(key)
}
