import type { Eviction, Pod, PodDisruptionBudget } from '../../../api/types.generated.ts'
import { sleep, type Clock } from '../../../machinery/clock.ts'
import { ApiError, badRequest, conflict, isReason, notFound, timeout } from '../../../machinery/errors.ts'
import { jsonClone, type Draft } from '../../../machinery/json.ts'
import { selectorOfLabelSelector } from '../../../machinery/labels/label-selector.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Answer } from '../../answer.ts'
import { beginSubresourceCreate } from '../../handlers/create-subresource.ts'
import type { SubresourceHandler } from '../../handlers/subresource.ts'
import type { DeleteOptions } from '../deletion.ts'
import type { Registry } from '../registry.ts'
import type { WriteScope } from '../write-scope.ts'
import { created } from './binding.ts'
import { decrementBudget, violatesBudget } from './disruption-budget.ts'
import { setPodCondition } from './pod-condition.ts'

const retries = 20
const retryMs = 500

/**
 * `pods/eviction`: deletes a pod if its disruption budget allows (pkg/registry/core/pod/storage/eviction.go). `budgets`: the
 * registry of PodDisruptionBudgets.
 */
export function evictionHandler(options: { clock: Clock; budgets: () => Registry }): SubresourceHandler {
  const { clock } = options
  return {
    async create(context, resource, services): Promise<Answer> {
      const { write, draft, validate } = await beginSubresourceCreate(context, resource, services)
      const { info } = context
      const eviction = draft as KubeObject as Eviction
      if (eviction.metadata?.name !== info.name) {
        throw badRequest('name in URL does not match name in Eviction object')
      }
      const deletion = withDryRun((eviction.deleteOptions ?? {}) as DeleteOptions, write.options.dryRun)
      await validate()
      const pods = resource.registry
      const scope: WriteScope = { ...write.scope, subresource: '', dryRun: (deletion.dryRun?.length ?? 0) > 0 }
      const work = { pods, budgets: options.budgets(), clock, scope, name: info.name, deletion }
      const pod = await deleteUnprotected(work)
      if (pod !== undefined) {
        const refusal = await deleteProtected(work, pod)
        if (refusal !== undefined) return refusal
      }
      return created()
    },
  }
}

interface Work {
  readonly pods: Registry
  readonly budgets: Registry
  readonly clock: Clock
  readonly scope: WriteScope
  readonly name: string
  readonly deletion: DeleteOptions
}

function withDryRun(deletion: DeleteOptions, dryRun: readonly string[]): DeleteOptions {
  const own = deletion.dryRun ?? []
  if (own.length === 0) return { ...deletion, dryRun }
  if (dryRun.length > 0 && own.join() !== dryRun.join()) {
    throw new ApiError({
      code: 500,
      message: `Non-matching dry-run options in request and content: [${dryRun.join(' ')}] and [${own.join(' ')}]`,
    })
  }
  return deletion
}

/** Deletes a pod that no budget counts any more or yet; otherwise answers with the pod. */
async function deleteUnprotected(work: Work): Promise<Pod | undefined> {
  const { pods, scope, name, deletion } = work
  const fixed = deletion.preconditions?.resourceVersion !== undefined
  return retrying(work.clock, fixed ? 1 : retries, async () => {
    const pod = (await pods.get(scope.namespace, name)).object as Pod
    const phase = pod.status?.phase
    const ended = phase === 'Succeeded' || phase === 'Failed' || Boolean(pod.metadata!.deletionTimestamp)
    if (!ended && phase !== 'Pending') return pod
    await markAndDelete(work, ended || fixed ? deletion : atVersion(deletion, pod))
    return undefined
  })
}

async function deleteProtected(work: Work, pod: Pod): Promise<Answer | undefined> {
  const budgets = await budgetsOf(work, pod)
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 }
    return { type: 'object', code: 201, object }
  }
  const [budget] = budgets
  const unhealthyMayGo = budget !== undefined && !isReady(pod) && allowsUnhealthy(budget)
  if (budget !== undefined && !unhealthyMayGo) await takeFromBudget(work, budget)
  const deletion = unhealthyMayGo ? atVersion(work.deletion, pod) : work.deletion
  try {
    await markAndDelete(work, deletion)
  } catch (error) {
    const ours = unhealthyMayGo && work.deletion.preconditions?.resourceVersion === undefined
    if (ours && isReason(error, 'Conflict')) throw violatesBudget(budget.metadata?.name ?? '')
    throw error
  }
  return undefined
}

async function budgetsOf({ budgets, scope }: Work, pod: Pod): Promise<PodDisruptionBudget[]> {
  const cache = await budgets.storage.freshCache()
  return cache
    .list(`${scope.namespace}/`)
    .map((stored) => stored.object as PodDisruptionBudget)
    .filter((budget) => {
      try {
        return selectorOfLabelSelector(budget.spec?.selector).matches(pod.metadata?.labels)
      } catch {
        return false
      }
    })
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
}

function allowsUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

async function takeFromBudget(work: Work, budget: PodDisruptionBudget): Promise<void> {
  const { budgets, clock, scope, name } = work
  const budgetName = budget.metadata?.name ?? ''
  await budgets.storage.guaranteedUpdate(
    budgets.key(scope.namespace, budgetName),
    { dryRun: scope.dryRun },
    (current) => {
      if (current === undefined) throw notFound(budgets.definition, budgetName)
      const draft = jsonClone(current.object) as Draft<PodDisruptionBudget>
      decrementBudget(draft, name, clock.now())
      return { object: budgets.canonical(draft as Draft<KubeObject>) }
    },
  )
}

/** The pod learns why it goes, then it is deleted. */
async function markAndDelete(work: Work, deletion: DeleteOptions): Promise<void> {
  const { pods, clock, scope, name } = work
  let options = deletion
  if (!scope.dryRun) {
    const { object } = await pods.update(
      name,
      {
        make: (existing) => {
          if (existing === undefined) throw notFound(pods.definition, name)
          checkPreconditions(existing.object, deletion)
          const draft = jsonClone(existing.object) as Draft<Pod>
          const message = 'Eviction API: evicting'
          const reason = 'EvictionByEvictionAPI'
          setPodCondition(draft, { type: 'DisruptionTarget', status: 'True', reason, message }, clock.now())
          return draft as Draft<KubeObject>
        },
        validateCreate: () => {},
        validateUpdate: () => {},
      },
      { ...scope, subresource: 'status' },
    )
    if (deletion.preconditions?.resourceVersion !== undefined) options = atVersion(deletion, object.object)
  }
  await pods.delete(name, options, () => {}, scope)
}

function checkPreconditions({ metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const on = { group: '', resource: 'Pod' }
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(on, metadata.name ?? '', why)
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(on, metadata.name ?? '', why)
  }
}

function atVersion(deletion: DeleteOptions, { metadata }: KubeObject): DeleteOptions {
  const preconditions = { ...deletion.preconditions, resourceVersion: metadata.resourceVersion }
  return { ...deletion, preconditions }
}

async function retrying<T>(clock: Clock, attempts: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isReason(error, 'Conflict') || attempts === 1) throw error
      if (attempt === attempts) throw timeout('timed out waiting for the condition', 10)
      await sleep(clock, retryMs)
    }
  }
}
