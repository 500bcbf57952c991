import { isDeepStrictEqual } from 'node:util'
import { namespaces } from '../../../api/core/v1/namespace.ts'
import { pods } from '../../../api/core/v1/pod.ts'
import type { Namespace, Pod } from '../../../api/types.generated.ts'
import { aggregate, forbidden, internalError, invalid } from '../../../machinery/errors.ts'
import { errorText, goQuote } from '../../../machinery/field-error.ts'
import { isFor, objectOf, oldObjectOf } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { detailText, violations } from './evaluate.ts'
import { PodSecurityMetrics } from './pod-security-metrics.ts'
import { warningsOfExistingPods } from './existing-pods.ts'
import { holdsPodTemplate, type PodLike, podTemplateOf } from './pod-template.ts'
import { type PodSecuritySettings, usualSettings } from './configuration.ts'
import { compareLevels, ignoredPolicy, type LevelVersion, levelVersionText, policyOf, samePolicy } from './policy.ts'
import { changesImages } from './significant-update.ts'

/** These change nothing that is checked; any other subresource of a pod carries a pod. */
const ignoredSubresources: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
])

/**
 * Pod security standards, as the labels of the namespace ask for (KEP-2579, k8s.io/pod-security-admission): pods that
 * break the enforced level are refused; pods and templates that break the others are told of in audit and warnings.
 * Without labels, and for whom it is exempt, the configuration decides; usually everything is allowed and nobody is exempt.
 */
export function createPodSecurity(
  services: Pick<AdmissionServices, 'lister' | 'clock' | 'metrics'>,
  settings: PodSecuritySettings = usualSettings,
): AdmissionPlugin {
  const { lister, clock } = services
  const { defaults, exempt } = settings
  const metrics = services.metrics && new PodSecurityMetrics(services.metrics)

  /** Why a request is not looked at. */
  function exemptionOf({ namespace, user }: AdmissionAttributes, pod: PodLike): string | undefined {
    if (exempt.namespaces.includes(namespace)) return 'namespace'
    if (exempt.usernames.includes(user.name)) return 'user'
    return exempt.runtimeClasses.includes(pod.spec.runtimeClassName ?? '') ? 'runtimeClass' : undefined
  }

  function validateNamespace(attributes: AdmissionAttributes): void {
    const { operation, kind, name } = attributes
    const object = objectOf<Namespace>(attributes)
    const { policy, errors } = policyOf(object.metadata.labels, defaults)
    const warnIfExempt = () => {
      const ignored = exempt.namespaces.includes(name) ? ignoredPolicy(object.metadata.labels, policy, defaults) : ''
      if (ignored !== '')
        attributes.warn(
          `namespace ${goQuote(name)} is exempt from Pod Security, and the policy (${ignored}) will be ignored`,
        )
    }
    if (operation === 'CREATE') {
      if (errors.length > 0) throw invalid(kind, name, errors)
      return warnIfExempt()
    }
    const old = policyOf(oldObjectOf<Namespace>(attributes)?.metadata.labels, defaults)
    if (errors.length > 0 && !isDeepStrictEqual(errors, old.errors)) throw invalid(kind, name, errors)
    const { enforce } = policy
    const before = old.policy.enforce
    if (samePolicy(enforce, before) || enforce.level === 'privileged') return
    if (enforce.minor === before.minor && compareLevels(enforce.level, before.level) <= 0) return
    if (exempt.namespaces.includes(name)) return warnIfExempt()
    const existing = lister
      .list(pods, name)
      .filter(({ spec }) => !exempt.runtimeClasses.includes(spec.runtimeClassName ?? ''))
    for (const warning of warningsOfExistingPods(name, enforce, existing, clock)) attributes.warn(warning)
  }

  function evaluate(
    attributes: AdmissionAttributes,
    labels: Namespace['metadata']['labels'],
    pod: PodLike,
    enforcing: boolean,
  ): void {
    const { policy, errors } = policyOf(labels, defaults)
    const tell = (key: string, text: string) => attributes.annotate(`pod-security.kubernetes.io/${key}`, text)
    if (errors.length > 0) metrics?.failed(false, attributes)
    if (errors.length > 0) tell('error', `Failed to parse policy: ${aggregate(errors.map(errorText))}`)
    const broken = (level: LevelVersion): string | undefined => {
      const found = violations(level, pod.metadata, pod.spec)
      return found.length === 0 ? undefined : `PodSecurity ${goQuote(levelVersionText(level))}: ${detailText(found)}`
    }
    const audited = broken(policy.audit)
    if (audited !== undefined) metrics?.evaluated(false, policy.audit, 'audit', attributes)
    if (audited !== undefined) tell('audit-violations', `would violate ${audited}`)
    if (enforcing) {
      tell('enforce-policy', levelVersionText(policy.enforce))
      const enforced = broken(policy.enforce)
      metrics?.evaluated(enforced === undefined, policy.enforce, 'enforce', attributes)
      if (enforced !== undefined) throw forbidden(attributes.resource, attributes.name, `violates ${enforced}`)
    }
    const warned = broken(policy.warn)
    if (warned !== undefined) metrics?.evaluated(false, policy.warn, 'warn', attributes)
    if (warned !== undefined) attributes.warn(`would violate ${warned}`)
  }

  /** From the cache at once, as nearly always. */
  function judge(attributes: AdmissionAttributes, pod: PodLike, enforcing: boolean): void | Promise<void> {
    const { namespace } = attributes
    const exemption = exemptionOf(attributes, pod)
    if (exemption !== undefined) metrics?.exempted(attributes)
    if (exemption !== undefined) return attributes.annotate('pod-security.kubernetes.io/exempt', exemption)
    const known = lister.get(namespaces, '', namespace)
    if (known !== undefined) return evaluate(attributes, known.metadata.labels, pod, enforcing)
    return lister.getLive(namespaces, '', namespace).then((found) => {
      if (found !== undefined) return evaluate(attributes, found.metadata.labels, pod, enforcing)
      const why = `failed to lookup namespace ${goQuote(namespace)}`
      metrics?.failed(true, attributes)
      if (enforcing) throw internalError(why)
      attributes.annotate('pod-security.kubernetes.io/error', why)
    })
  }

  return {
    name: 'PodSecurity',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      const { resource, subresource } = attributes
      if (isFor(attributes, 'namespaces')) return validateNamespace(attributes)
      if (resource.group === '' && resource.resource === 'pods') {
        if (ignoredSubresources.has(subresource)) return
        const old = attributes.operation === 'UPDATE' ? oldObjectOf<Pod>(attributes) : undefined
        const pod = objectOf<Pod>(attributes)
        if (old !== undefined && !changesImages(pod, old)) return
        return judge(attributes, pod, true)
      }
      if (subresource !== '' || !holdsPodTemplate(resource)) return
      const template = podTemplateOf(resource, objectOf(attributes))
      return template && judge(attributes, template, false)
    },
  }
}
