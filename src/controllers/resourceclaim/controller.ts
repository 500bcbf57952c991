import { pods } from '../../api/core/v1/pod.ts'
import { resourceClaimTemplates } from '../../api/resource/v1/resource-claim-template.ts'
import { resourceClaims } from '../../api/resource/v1/resource-claim.ts'
import type { Pod, ResourceClaim } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import { controllerOf, type KubeObject } from '../../machinery/meta/object.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'
import {
  allocatedFinalizer,
  claimNameOf,
  claimOfTemplate,
  isOwnedBy,
  isPodDone,
  isReservedFor,
  podClaimAnnotation,
  type PodClaim,
} from './claim-for-pod.ts'

const podsOfClaim = 'podsOfResourceClaim'
const podsOfTemplate = 'podsOfResourceClaimTemplate'

/**
 * Makes the resource claims of pods from their templates, reserves allocated claims for pods that were bound without the
 * scheduler, and takes claims back from pods that are done (pkg/controller/resourceclaim; without claims of pod groups,
 * which are alpha). Keys: `pod/NAMESPACE/NAME`, `claim/NAMESPACE/NAME`.
 */
export const resourceClaimController = defineSync({
  name: 'resource-claim-controller',
  eventSource: 'resource_claim',
  setup(context) {
    const { informers } = context
    const [allPods, claims] = [informers.for(pods), informers.for(resourceClaims)]
    const templates = informers.for(resourceClaimTemplates)
    const claimsIn = ({ spec }: Pod) => spec?.resourceClaims ?? []
    allPods.addIndex(podsOfClaim, (pod) =>
      claimsIn(pod).flatMap((claim) => {
        const name = claimNameOf(pod, claim)
        return name ? [`${pod.metadata.namespace}/${name}`] : []
      }),
    )
    allPods.addIndex(podsOfTemplate, (pod) =>
      claimsIn(pod).flatMap(({ resourceClaimTemplateName: name }) =>
        name ? [`${pod.metadata.namespace}/${name}`] : [],
      ),
    )
    const podWork = podSynchronizer(context)
    const claimWork = claimSynchronizer(context)
    return {
      ready: (signal) => Promise.all([allPods, claims, templates].map((informer) => informer.whenSynced(signal))),
      async sync(key) {
        const [what, ...rest] = key.split('/')
        await (what === 'pod' ? podWork(rest.join('/')) : claimWork(rest.join('/')))
      },
      watch(queue) {
        const claimsSeen = (pod: Pod) => {
          for (const claim of claimsIn(pod)) {
            const name = claimNameOf(pod, claim)
            if (name) queue.add(`claim/${pod.metadata.namespace}/${name}`)
          }
        }
        const podSeen = (pod: Pod) => {
          if (claimsIn(pod).length === 0) return
          if (isPodDone(pod)) claimsSeen(pod)
          else if (pod.metadata.deletionTimestamp === undefined) queue.add(`pod/${keyOf(pod)}`)
        }
        const claimSeen = (claim: ResourceClaim) => {
          queue.add(`claim/${keyOf(claim)}`)
          allPods.byIndex(podsOfClaim, keyOf(claim)).forEach(podSeen)
        }
        const templateSeen = (template: KubeObject) => allPods.byIndex(podsOfTemplate, keyOf(template)).forEach(podSeen)
        const ends = [
          allPods.subscribe({ added: podSeen, updated: podSeen, deleted: claimsSeen }),
          claims.subscribe({ added: claimSeen, updated: claimSeen, deleted: claimSeen }),
          templates.subscribe({ added: templateSeen, updated: templateSeen }),
        ]
        return () => ends.forEach((end) => end())
      },
    }
  },
})

function podSynchronizer({ client, informers, recorder }: ControllerContext) {
  const [allPods, claims] = [informers.for(pods), informers.for(resourceClaims)]
  const templates = informers.for(resourceClaimTemplates)
  /** Claims made here that the cache may not show yet, by pod and what they are to it. */
  const made = new Map<string, string>()

  /** The name of the claim that was made for a pod, now or before; undefined: there is nothing to make. */
  const make = async (pod: Pod, claim: PodClaim): Promise<string | undefined> => {
    const { namespace = '', uid = '' } = pod.metadata
    const name = claimNameOf(pod, claim)
    if (name === null) return undefined
    const present = name === undefined ? undefined : claims.get(`${namespace}/${name}`)
    if (present !== undefined && (claim.resourceClaimName !== undefined || isOwnedBy(present, pod))) return undefined
    const templateName = claim.resourceClaimTemplateName
    if (templateName === undefined) return undefined
    const key = `${uid}/${claim.name}`
    const earlier = claims
      .byIndex('ownerUid', uid)
      .find((one) => isOwnedBy(one, pod) && one.metadata.annotations?.[podClaimAnnotation] === claim.name)
    if (earlier !== undefined) {
      made.delete(key)
      return earlier.metadata.name
    }
    const unseen = made.get(key)
    if (unseen !== undefined && unseen !== name) return unseen
    const template = templates.get(`${namespace}/${templateName}`)
    if (template === undefined) {
      const missing = `resourceclaimtemplate.resource.k8s.io "${templateName}" not found`
      throw new Error(`resource claim template "${templateName}": ${missing}`)
    }
    try {
      const { metadata } = await client.create(resourceClaims, claimOfTemplate(pod, claim, template))
      made.set(key, metadata.name!)
      return metadata.name
    } catch (error) {
      throw new Error(`create ResourceClaim : ${(error as Error).message}`, { cause: error })
    }
  }
  const reserve = async (pod: Pod) => {
    for (const podClaim of pod.spec?.resourceClaims ?? []) {
      const claim = claims.get(`${pod.metadata.namespace}/${claimNameOf(pod, podClaim) ?? ''}`)
      if (claim?.status?.allocation === undefined || isReservedFor(claim, pod)) continue
      const { name = '', uid = '' } = pod.metadata
      const reservedFor = [...(claim.status.reservedFor ?? []), { resource: 'pods', name, uid }]
      const status = { ...claim.status, reservedFor }
      await client.update(resourceClaims, { ...claim, status }, { subresource: 'status' })
    }
  }

  return async (key: string) => {
    const pod = allPods.get(key)
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return
    const { namespace, name = '' } = pod.metadata
    const names = new Map(
      pod.status?.resourceClaimStatuses?.flatMap((one) =>
        one.resourceClaimName === undefined ? [] : [[one.name, one.resourceClaimName] as const],
      ),
    )
    let isNew = false
    for (const claim of pod.spec?.resourceClaims ?? []) {
      try {
        const claimName = await make(pod, claim)
        if (claimName === undefined || names.get(claim.name) === claimName) continue
        names.set(claim.name, claimName)
        isNew = true
      } catch (error) {
        const why = `PodResourceClaim ${claim.name}: ${(error as Error).message}`
        recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', why)
        throw new Error(`pod ${key}, ${why}`, { cause: error })
      }
    }
    if (isNew) {
      const resourceClaimStatuses = [...names]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([claim, resourceClaimName]) => ({ name: claim, resourceClaimName }))
      const patch = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, status: { resourceClaimStatuses } }
      const options = { subresource: 'status', fieldManager: 'ResourceClaimController', force: true }
      await client.patch(pods, { namespace, name }, 'apply', patch, options)
    }
    // Else the scheduler reserves.
    if (pod.spec?.nodeName) await reserve(pod)
  }
}

function claimSynchronizer({ client, informers }: ControllerContext) {
  const [allPods, claims] = [informers.for(pods), informers.for(resourceClaims)]
  /** Asks the server before a reservation goes: the scheduler may know a pod that the cache does not show yet. */
  const stillNeeds = async (namespace: string, name: string, uid: string): Promise<boolean> => {
    const cached = allPods.get(`${namespace}/${name}`)
    if (cached !== undefined) return cached.metadata.uid === uid && !isPodDone(cached)
    try {
      return (await client.get(pods, { namespace, name })).metadata.uid === uid
    } catch (error) {
      if (isReason(error, 'NotFound')) return false
      throw error
    }
  }
  const release = async (claim: ResourceClaim) => {
    const finalizers = claim.metadata.finalizers?.filter((one) => one !== allocatedFinalizer)
    await client.update(resourceClaims, { ...claim, metadata: { ...claim.metadata, finalizers } })
  }

  return async (key: string) => {
    let claim = claims.get(key)
    if (claim === undefined) return
    const { namespace = '', name = '' } = claim.metadata
    const before = claim.status?.reservedFor ?? []
    const remaining: (typeof before)[number][] = []
    for (const one of before) {
      const isPod = !one.apiGroup && one.resource === 'pods'
      if (!isPod || (await stillNeeds(namespace, one.name, one.uid))) remaining.push(one)
    }
    const isAllocatedHere = claim.metadata.finalizers?.includes(allocatedFinalizer) === true
    const isLeaving = claim.metadata.deletionTimestamp !== undefined && remaining.length === 0
    if (remaining.length < before.length || (isAllocatedHere && isLeaving)) {
      // With its last user a claim loses its devices, so that others may get them.
      const isFree = isAllocatedHere && remaining.length === 0
      const { reservedFor: _, allocation, ...rest } = claim.status
      const status = {
        ...rest,
        ...(isFree ? {} : { allocation }),
        ...(remaining.length === 0 ? {} : { reservedFor: remaining }),
      }
      if (remaining.length < before.length || allocation !== undefined)
        claim = await client.update(resourceClaims, { ...claim, status } as ResourceClaim, { subresource: 'status' })
      if (isFree) await release(claim)
    }
    if (remaining.length > 0 || isLeaving) return
    const owner = controllerOf(claim)
    const pod = owner?.kind === 'Pod' ? allPods.get(`${namespace}/${owner.name}`) : undefined
    if (pod === undefined || (pod.metadata.uid === owner?.uid && !isPodDone(pod))) return
    await client.delete(resourceClaims, { namespace, name }, { preconditions: { uid: claim.metadata.uid } })
  }
}
