import { nodes } from '../../../api/core/v1/node.ts'
import { pods } from '../../../api/core/v1/pod.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { notFound } from '../../../machinery/errors.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { Lister } from '../../lister.ts'
import { objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { apiReference } from './mirror-pod.ts'

const mirror = 'kubernetes.io/config.mirror'
const quote = (text: string) => JSON.stringify(text)

/** The pod that a node wants to delete or evict, as it is stored. Throws 404. */
export async function existingPod(lister: Lister, namespace: string, name: string): Promise<Pod> {
  const found = lister.get(pods, namespace, name) ?? (await lister.getLive(pods, namespace, name))
  if (found === undefined) throw notFound({ group: '', resource: 'pods' }, name)
  return found
}

/** Nodes make mirror pods of their own, and take away what runs on them. */
export async function admitPod(lister: Lister, node: string, attributes: AdmissionAttributes): Promise<void> {
  const refuse = (why: string) => refusal(attributes, why)
  if (attributes.operation === 'CREATE') return admitMirrorPod(lister, node, attributes)
  if (attributes.operation !== 'DELETE')
    throw refuse(
      `unexpected operation ${quote(attributes.operation)}, node ${quote(node)} can only create and delete mirror pods`,
    )
  const { spec } =
    (attributes.oldObject as Pod | undefined) ?? (await existingPod(lister, attributes.namespace, attributes.name))
  if (spec.nodeName !== node) throw refuse(`node ${quote(node)} can only delete pods with spec.nodeName set to itself`)
}

function admitMirrorPod(lister: Lister, node: string, attributes: AdmissionAttributes): void {
  const refuse = (why: string) => refusal(attributes, why)
  const pod = objectOf<Pod>(attributes) as Pod
  const only = `node ${quote(node)} can only create`
  if (pod.metadata.annotations?.[mirror] === undefined)
    throw refuse(`pod does not have ${quote(mirror)} annotation, ${only} mirror pods`)
  if (pod.spec.nodeName !== node) throw refuse(`${only} pods with spec.nodeName set to itself`)
  const [owner, second] = pod.metadata.ownerReferences ?? []
  if (second !== undefined) throw refuse(`${only} pods with a single owner reference set to itself`)
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    throw refuse(`${only} pods with an owner reference set to itself`)
  if (owner.controller !== true) throw refuse(`${only} pods with a controller owner reference set to itself`)
  if (owner.blockOwnerDeletion === true)
    throw refuse(`node ${quote(node)} must not set blockOwnerDeletion on an owner reference`)
  const found = lister.get(nodes, '', node)
  if (found === undefined) throw notFound({ group: '', resource: 'nodes' }, node)
  if (owner.uid !== found.metadata.uid)
    throw refuse(`node ${node} UID mismatch: expected ${owner.uid} got ${found.metadata.uid}`)
  const reference = apiReference(pod)
  if (reference !== undefined) throw refuse(`node ${quote(node)} can not create pods that reference ${reference}`)
}

export function admitPodStatus(node: string, attributes: AdmissionAttributes): void {
  const refuse = (why: string) => refusal(attributes, why)
  if (attributes.operation !== 'UPDATE') throw refuse(`unexpected operation ${quote(attributes.operation)}`)
  const old = oldObjectOf<Pod>(attributes)
  const pod = objectOf<Pod>(attributes)
  if (old?.spec.nodeName !== node)
    throw refuse(`node ${quote(node)} can only update pod status for pods with spec.nodeName set to itself`)
  if (!jsonEqual(old.metadata.labels ?? {}, pod.metadata.labels ?? {}))
    throw refuse(`node ${quote(node)} cannot update labels through pod status`)
  const changed = (member: keyof Pod['status']) => !jsonEqual(old.status?.[member] ?? [], pod.status?.[member] ?? [])
  if (changed('resourceClaimStatuses')) throw refuse(`node ${quote(node)} cannot update resource claim statues`)
  if (changed('extendedResourceClaimStatus'))
    throw refuse(`node ${quote(node)} cannot update extended resource claim status`)
  if (changed('nodeAllocatableResourceClaimStatuses'))
    throw refuse(`node ${quote(node)} cannot update node allocatable resource claim statuses`)
}

export async function admitEviction(lister: Lister, node: string, attributes: AdmissionAttributes): Promise<void> {
  if (attributes.operation !== 'CREATE') throw refusal(attributes, `unexpected operation ${attributes.operation}`)
  const name = attributes.name || attributes.object?.metadata.name
  if (!name) throw refusal(attributes, 'could not determine pod from request data')
  const { spec } = await existingPod(lister, attributes.namespace, name)
  if (spec.nodeName !== node)
    throw refusal(attributes, `node ${node} can only evict pods with spec.nodeName set to itself`)
}
