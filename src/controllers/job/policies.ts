import type {
  ContainerStatus,
  Job,
  Pod,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../api/types.generated.ts'
import { countOf, type Indexes, overlap, parseIndexes } from './indexes.ts'
import { failureCount, isPodFailed } from './job-pods.ts'

export interface FailureMatch {
  /** Why the whole job fails. */
  readonly failJob?: string
  /** Counts towards backoffLimit. */
  readonly counts: boolean
  readonly action?: PodFailurePolicyRule['action']
}

/** What the job's podFailurePolicy says of a failed pod; the first rule that matches decides (pod_failure_policy.go). */
export function matchFailurePolicy(job: Job, pod: Pod): FailureMatch {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const why = matchRule(rule, pod)
    if (why === undefined) continue
    const { action } = rule
    if (action === 'Ignore') return { counts: false, action }
    if (action === 'FailJob') return { failJob: `${why} matching FailJob rule at index ${index}`, counts: true, action }
    if (action === 'FailIndex' || action === 'Count') return { counts: true, action }
  }
  return { counts: true }
}

function matchRule({ onExitCodes, onPodConditions }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace, name } = pod.metadata
  if (onExitCodes !== undefined) {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
    const status =
      failedContainer(containerStatuses, onExitCodes) ?? failedContainer(initContainerStatuses, onExitCodes)
    if (status === undefined) return undefined
    return `Container ${status.name} for pod ${namespace}/${name} failed with exit code ${status.state?.terminated?.exitCode}`
  }
  const condition = pod.status?.conditions?.find(({ type, status }) =>
    onPodConditions?.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  )
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`
}

function failedContainer(
  statuses: readonly ContainerStatus[],
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): ContainerStatus | undefined {
  return statuses.find(({ name, state }) => {
    const code = state?.terminated?.exitCode
    if (code === undefined || code === 0 || (containerName !== undefined && containerName !== name)) return false
    return operator === 'In' ? values.includes(code) : operator === 'NotIn' && !values.includes(code)
  })
}

/** Why the job is as good as done, though not all indexes have succeeded (success_policy.go). */
export function matchSuccessPolicy(job: Job, succeeded: Indexes): string | undefined {
  if (succeeded.length === 0) return undefined
  for (const [index, rule] of (job.spec.successPolicy?.rules ?? []).entries()) {
    const { succeededIndexes, succeededCount } = rule
    let met = succeededCount !== undefined && countOf(succeeded) >= succeededCount
    if (succeededIndexes !== undefined) {
      const required = parseIndexes(succeededIndexes, job.spec.completions ?? 0)
      if (required.length === 0) continue
      const got = overlap(required, succeeded)
      met = got === countOf(required) || (succeededCount !== undefined && got >= succeededCount)
    }
    if (met) return `Matched rules at index ${index}`
  }
  return undefined
}

/** With backoffLimitPerIndex: the pod's failure is one too many for its index. */
export function failsIndex(job: Job, pod: Pod): boolean {
  if (!isPodFailed(pod, job)) return false
  const { counts, action } = matchFailurePolicy(job, pod)
  if (action === 'FailIndex') return true
  return counts && failureCount(pod) >= (job.spec.backoffLimitPerIndex ?? 0)
}
