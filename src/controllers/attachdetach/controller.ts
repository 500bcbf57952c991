import { nodes } from '../../api/core/v1/node.ts'
import { volumeAttachments } from '../../api/storage/v1/volume-attachment.ts'
import type { Node, PersistentVolume, Pod, VolumeAttachment } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import type { WorkQueue } from '../../client/work-queue.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { allowsManyNodes, newAttachment, uniqueName } from './attachment.ts'
import { type WantedVolume, WantedVolumes } from './wanted-volumes.ts'

const ofNode = 'attachmentsOfNode'
const ofVolume = 'attachmentsOfVolume'
/** A node that is not well and does not let go of a volume loses it after so long. */
const maxWaitForUnmountMs = 6 * 60_000
const managed = 'volumes.kubernetes.io/controller-managed-attach-detach'

/**
 * Asks CSI drivers to attach the volumes that a node's pods use, and to detach them when no pod does and the node has let
 * go of them (pkg/controller/volume/attachdetach; only CSI volumes are attached nowadays). Keys are nodes. The node is
 * told in `status.volumesAttached`.
 */
export const attachDetachController = defineSync({
  name: 'attachdetach-controller',
  setup(context) {
    const { informers } = context
    const wanted = new WantedVolumes(informers)
    const [allNodes, attachments] = [informers.for(nodes), informers.for(volumeAttachments)]
    attachments.addIndex(ofNode, ({ spec }: VolumeAttachment) => [spec.nodeName])
    attachments.addIndex(ofVolume, ({ spec }: VolumeAttachment) => [spec.source.persistentVolumeName ?? ''])
    const { pods, claims, volumes, drivers } = wanted
    return {
      ready: (signal) =>
        Promise.all(
          [allNodes, attachments, pods, claims, volumes, drivers].map((informer) => informer.whenSynced(signal)),
        ),
      sync: synchronizer(context, wanted),
      watch: (queue) => watch(queue, context, wanted),
    }
  },
})

function synchronizer({ client, informers, recorder, clock }: ControllerContext, wanted: WantedVolumes) {
  const [allNodes, attachments] = [informers.for(nodes), informers.for(volumeAttachments)]
  /** Since when a volume is to leave a node. */
  const leavingSince = new Map<string, number>()
  /** Pods that were told that others hold their volume. */
  const told = new Set<string>()

  const attach = async (node: string, { of, pods: users }: WantedVolume) => {
    const name = of.volume.metadata.name ?? ''
    const elsewhere = attachments.byIndex(ofVolume, name).filter(({ spec }) => spec.nodeName !== node)
    if (elsewhere.length > 0 && !allowsManyNodes(of.volume)) {
      const holders = [...new Set(elsewhere.map(({ spec }) => spec.nodeName))].flatMap(
        (other) => wanted.on(other).get(uniqueName(of))?.pods ?? [],
      )
      for (const pod of users) {
        const key = `${pod.metadata.uid}/${name}`
        if (told.has(key)) continue
        told.add(key)
        const message = `Waiting for detach for volume "${name}" ${whoHolds(holders, pod)}`
        recorder.event(pod, 'Warning', 'FailedAttachVolume', message)
      }
      return
    }
    for (const pod of users) told.delete(`${pod.metadata.uid}/${name}`)
    try {
      await client.create(volumeAttachments, newAttachment(of, node))
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
    }
  }
  /** Zero: now; undefined: only the node can say. */
  const leavesInMs = (node: Node | undefined, name: string): number | undefined => {
    if (node === undefined || !node.status?.volumesInUse?.includes(name)) return 0
    if (node.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service')) return 0
    const isWell = node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    const key = `${node.metadata.name}/${name}`
    const since = leavingSince.get(key) ?? clock.now()
    leavingSince.set(key, since)
    return isWell ? undefined : Math.max(0, since + maxWaitForUnmountMs - clock.now())
  }
  const report = async (node: Node, names: readonly string[]) => {
    const before = (node.status?.volumesAttached ?? []).map(({ name }) => name).toSorted()
    if (jsonEqual(before, names)) return
    const volumesAttached = names.length === 0 ? null : names.map((name) => ({ name, devicePath: '' }))
    const patch = { status: { volumesAttached } }
    await client.patch(nodes, { name: node.metadata.name! }, 'merge', patch, { subresource: 'status' })
  }

  return async (nodeName: string) => {
    const node = allNodes.get(nodeName)
    const isManaged = node?.metadata.annotations?.[managed] === 'true'
    const wantedHere = wanted.on(nodeName)
    const present = new Map<string, VolumeAttachment>()
    for (const attachment of attachments.byIndex(ofNode, nodeName)) {
      const of = wanted.attachableNamed(attachment.spec.source.persistentVolumeName)
      if (of !== undefined) present.set(uniqueName(of), attachment)
    }
    let requeueAfterMs: number | undefined
    const leaving = new Map<string, VolumeAttachment>()
    for (const [name, attachment] of present) {
      if (wantedHere.has(name)) leavingSince.delete(`${nodeName}/${name}`)
      else if (attachment.metadata.deletionTimestamp === undefined) {
        const inMs = leavesInMs(node, name)
        if (inMs === 0) leaving.set(name, attachment)
        else if (inMs !== undefined) requeueAfterMs = Math.min(requeueAfterMs ?? inMs, inMs)
      }
    }
    const attached = [...present].flatMap(([name, { metadata, status }]) =>
      status?.attached === true && metadata.deletionTimestamp === undefined && !leaving.has(name) ? [name] : [],
    )
    // The node must know that a volume goes before it goes.
    if (node !== undefined && isManaged) await report(node, attached.toSorted())
    for (const [name, { metadata }] of leaving) {
      leavingSince.delete(`${nodeName}/${name}`)
      await client.delete(volumeAttachments, { name: metadata.name! })
    }
    if (isManaged) for (const [name, volume] of wantedHere) if (!present.has(name)) await attach(nodeName, volume)
    return { requeueAfterMs }
  }
}

function watch(queue: WorkQueue<string>, { informers, recorder }: ControllerContext, wanted: WantedVolumes) {
  const [allNodes, attachments] = [informers.for(nodes), informers.for(volumeAttachments)]
  const podSeen = ({ spec }: Pod) => (spec.nodeName ? queue.add(spec.nodeName) : undefined)
  const usersOf = ({ spec: { claimRef } }: PersistentVolume): readonly Pod[] =>
    claimRef === undefined ? [] : wanted.podsOfClaim(`${claimRef.namespace}/${claimRef.name}`)
  const volumeSeen = (volume: PersistentVolume) => {
    if (volume.spec.csi !== undefined) usersOf(volume).forEach(podSeen)
  }
  /** Tells the pods of the node what its driver said. */
  const answered = ({ spec, status }: VolumeAttachment, old: VolumeAttachment) => {
    const name = spec.source.persistentVolumeName ?? ''
    const users = wanted.on(spec.nodeName)
    const of = wanted.attachableNamed(name)
    const pods = (of && users.get(uniqueName(of))?.pods) ?? []
    const failure = status?.attachError?.message
    for (const pod of pods) {
      if (status?.attached && !old.status?.attached) {
        const message = `AttachVolume.Attach succeeded for volume "${name}" `
        recorder.event(pod, 'Normal', 'SuccessfulAttachVolume', message)
      } else if (failure !== undefined && !jsonEqual(status.attachError, old.status?.attachError)) {
        const message = `AttachVolume.Attach failed for volume "${name}" : ${failure}`
        recorder.event(pod, 'Warning', 'FailedAttachVolume', message)
      }
    }
  }
  const attachmentSeen = ({ spec }: VolumeAttachment) => queue.add(spec.nodeName)
  const nodeSeen = (node: Node, old?: Node) => {
    const relevant = ({ spec, status, metadata: { annotations } }: Node) =>
      JSON.stringify([spec?.taints, status?.volumesInUse, status?.volumesAttached, annotations?.[managed]])
    if (old === undefined || relevant(node) !== relevant(old)) queue.add(node.metadata.name!)
  }
  const allAgain = () => {
    for (const node of allNodes.list()) queue.add(node.metadata.name!)
  }
  const ends = [
    wanted.pods.subscribe({ added: podSeen, updated: podSeen, deleted: podSeen }),
    wanted.claims.subscribe({
      added: (claim) => wanted.podsOfClaim(keyOf(claim)).forEach(podSeen),
      updated: (claim) => wanted.podsOfClaim(keyOf(claim)).forEach(podSeen),
    }),
    wanted.volumes.subscribe({ added: volumeSeen, updated: volumeSeen }),
    wanted.drivers.subscribe({ added: allAgain, updated: allAgain, deleted: allAgain }),
    attachments.subscribe({
      added: attachmentSeen,
      updated(attachment, old) {
        attachmentSeen(attachment)
        answered(attachment, old)
      },
      deleted(attachment) {
        attachmentSeen(attachment)
        // Others may have waited for it.
        const volume = wanted.volumes.get(attachment.spec.source.persistentVolumeName ?? '')
        if (volume !== undefined) volumeSeen(volume)
      },
    }),
    allNodes.subscribe({ added: nodeSeen, updated: nodeSeen, deleted: (node) => nodeSeen(node) }),
  ]
  return () => ends.forEach((end) => end())
}

/** What a pod is told of those that hold its volume: their names only within its own namespace. */
function whoHolds(holders: readonly Pod[], pod: Pod): string {
  if (holders.length === 0)
    return 'Volume is already exclusively attached to one node, waiting on detach before it can be attached to another node'
  const local = holders.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace)
  const others = holders.length - local.length
  if (local.length === 0) return `Volume is already used by ${others} pod(s) in different namespaces`
  const names = `Volume is already used by pod(s) ${local.map(({ metadata }) => metadata.name).join(', ')}`
  return others > 0 ? `${names} and ${others} pod(s) in different namespaces` : names
}
