import { pods } from '../../api/core/v1/pod.ts'
import type { Namespace } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { discover, type ServedResource } from '../../client/discovery.ts'
import { isReason } from '../../machinery/errors.ts'
import { isPodTerminal, timeOf } from '../pods/pod-state.ts'
import type { DeletionReport } from './conditions.ts'

/** Left to finalizers, without another estimate. */
const finalizerSeconds = 15

export interface EmptyingResult {
  readonly report: DeletionReport
  /** In how many seconds the rest may be gone; 0: nothing is left, unless there were errors. */
  readonly estimateSeconds: number
}

/**
 * Deletes all that is in a namespace: pods first, and the rest only when they are gone, since pods may need it to end
 * well (deletion/namespaced_resources_deleter.go, KEP-5080). To be called again until nothing is left.
 */
export async function emptyNamespace(client: Client, namespace: Namespace, now: number): Promise<EmptyingResult> {
  const name = namespace.metadata.name ?? ''
  const { resources, failed } = await discover(client.transport)
  const deletable = resources.filter(({ namespaced, verbs }) => namespaced && verbs.includes('delete'))
  const isPods = ({ group, resource }: ServedResource) => group === '' && resource === 'pods'
  const totals = new Totals()
  const discoveryFailure =
    failed.length > 0
      ? `Discovery failed for some groups, ${failed.length} failing: unable to retrieve the complete list of server APIs: ${failed.join(', ')}`
      : undefined
  if (discoveryFailure !== undefined) totals.errors.push(discoveryFailure)

  for (const resource of deletable.filter(isPods)) {
    const grace = await remainingGraceSeconds(client, name, namespace, now)
    await totals.collect(resource, () => emptyCollection(client, resource, name, grace))
  }
  if (totals.remaining.size > 0) {
    const errors = totals.errors.filter((error) => error !== discoveryFailure)
    return { report: { discoveryFailure, errors }, estimateSeconds: totals.estimateSeconds }
  }
  // Side by side: each is a collection of its own.
  await Promise.all(
    deletable
      .filter((resource) => !isPods(resource))
      .map((resource) => totals.collect(resource, () => emptyCollection(client, resource, name, 0))),
  )
  const errors = totals.errors.filter((error) => error !== discoveryFailure)
  const { remaining, finalizers, estimateSeconds } = totals
  return { report: { discoveryFailure, errors, remaining, finalizers }, estimateSeconds }
}

class Totals {
  readonly errors: string[] = []
  readonly remaining = new Map<string, number>()
  readonly finalizers = new Map<string, number>()
  estimateSeconds = 0

  async collect({ group, resource }: ServedResource, empty: () => Promise<Leftover>): Promise<void> {
    try {
      const { count, finalizers, estimateSeconds, error } = await empty()
      this.estimateSeconds = Math.max(this.estimateSeconds, estimateSeconds)
      if (count > 0) this.remaining.set(`${resource}.${group}`, count)
      for (const [finalizer, held] of finalizers)
        this.finalizers.set(finalizer, (this.finalizers.get(finalizer) ?? 0) + held)
      if (error !== undefined) this.errors.push(error)
    } catch (error) {
      this.errors.push(error instanceof Error ? error.message : String(error))
    }
  }
}

interface Leftover {
  readonly count: number
  readonly finalizers: ReadonlyMap<string, number>
  readonly estimateSeconds: number
  readonly error?: string
}

async function emptyCollection(
  client: Client,
  resource: ServedResource,
  namespace: string,
  graceSeconds: number,
): Promise<Leftover> {
  const none: Leftover = { count: 0, finalizers: new Map(), estimateSeconds: 0 }
  const { verbs } = resource
  const options = { propagationPolicy: 'Background' } as const
  const list = async () => {
    if (!verbs.includes('list')) return undefined
    try {
      return (await client.list(resource, { namespace })).items ?? []
    } catch (error) {
      if (isReason(error, 'NotFound', 'MethodNotAllowed')) return undefined
      throw error
    }
  }
  const before = await list()
  if (before?.length === 0) return none
  let collectively = verbs.includes('deletecollection')
  if (collectively) {
    try {
      await client.deleteCollection(resource, { namespace }, options)
    } catch (error) {
      if (!isReason(error, 'NotFound', 'MethodNotAllowed')) throw error
      collectively = false
    }
  }
  if (!collectively) {
    for (const { metadata } of before ?? []) {
      try {
        await client.delete(resource, { namespace, name: metadata.name ?? '' }, options)
      } catch (error) {
        if (!isReason(error, 'NotFound', 'MethodNotAllowed')) throw error
      }
    }
  }
  const left = await list()
  if (left === undefined || left.length === 0) return none
  const finalizers = new Map<string, number>()
  for (const { metadata } of left)
    for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
  const estimateSeconds = graceSeconds || (finalizers.size > 0 ? finalizerSeconds : 0)
  const gvr = `${resource.group}/${resource.version}, Resource=${resource.resource}`
  const error =
    estimateSeconds === 0 ? `unexpected items still remain in namespace: ${namespace} for gvr: ${gvr}` : undefined
  return { count: left.length, finalizers, estimateSeconds, error }
}

/** The longest grace period of its pods, unless all of it has passed since the namespace was deleted. */
async function remainingGraceSeconds(client: Client, name: string, namespace: Namespace, now: number): Promise<number> {
  const { items } = await client.list(pods, { namespace: name })
  let longest = 0
  for (const pod of items ?? [])
    if (!isPodTerminal(pod)) longest = Math.max(longest, pod.spec.terminationGracePeriodSeconds ?? 0)
  const passedMs = now - (timeOf(namespace.metadata.deletionTimestamp) ?? now)
  return passedMs >= longest * 1000 ? 0 : longest
}
