import type { ResourceRef } from '../../api/definition.ts'
import type { Client } from '../../client/client.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Selector } from '../../machinery/labels/selector.ts'
import { apiVersionOf, controllerOf, type KubeObject, type OwnerReference } from '../../machinery/meta/object.ts'

/** The reference by which `owner` controls an object (metav1.NewControllerRef). */
export function controllerReference(owner: KubeObject, ref: ResourceRef): OwnerReference {
  const { name = '', uid = '' } = owner.metadata
  return { apiVersion: apiVersionOf(ref), kind: ref.kind, name, uid, controller: true, blockOwnerDeletion: true }
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid
}

/**
 * Takes orphans that the selector matches, gives up what it no longer matches, and returns what the owner controls then
 * (pkg/controller/controller_ref_manager.go). Before the first adoption the owner is read from the server: a cache may
 * not know yet that it is being deleted. Throws when something could not be claimed; then nothing is to be decided.
 */
export async function claim<Child extends KubeObject>(options: {
  readonly client: Client
  readonly owner: KubeObject
  readonly ownerRef: ResourceRef
  readonly childRef: ResourceRef<Child>
  readonly selector: Selector
  readonly candidates: readonly Child[]
  readonly filter?: (child: Child) => boolean
  /** Put on with an adoption, taken off with a release. */
  readonly finalizers?: readonly string[]
  readonly onWrite: (result: Child) => void
}): Promise<readonly Child[]> {
  const { client, owner, ownerRef, childRef, selector, candidates, filter = () => true, finalizers, onWrite } = options
  const { uid, namespace, name = '', deletionTimestamp } = owner.metadata
  const claimed: Child[] = []
  const failures: unknown[] = []
  const matches = (child: Child) => selector.matches(child.metadata.labels) && filter(child)
  const patch = (child: Child, body: unknown) =>
    client.patch(childRef, { namespace: child.metadata.namespace, name: child.metadata.name! }, 'strategic', body)

  let mayAdopt: Promise<void> | undefined
  const checkAlive = async () => {
    const live = await client.get(ownerRef, { namespace, name })
    if (live.metadata.uid !== uid) {
      throw new Error(
        `original ${ownerRef.kind} ${namespace}/${name} is gone: got uid ${live.metadata.uid}, wanted ${uid}`,
      )
    }
    const deleted = live.metadata.deletionTimestamp
    if (deleted) throw new Error(`${namespace}/${name} has just been deleted at ${deleted}`)
  }

  for (const child of candidates) {
    const controller = controllerOf(child)
    if (controller !== undefined) {
      if (controller.uid !== uid) continue
      if (matches(child)) claimed.push(child)
      else if (deletionTimestamp === undefined) {
        try {
          onWrite(await patch(child, releasePatch(child, uid!, finalizers)))
        } catch (error) {
          // Gone, or no longer ours: released all the same.
          if (!isReason(error, 'NotFound', 'Invalid')) failures.push(error)
        }
      }
      continue
    }
    if (deletionTimestamp !== undefined || child.metadata.deletionTimestamp !== undefined || !matches(child)) continue
    if (namespace !== undefined && child.metadata.namespace !== namespace) continue
    try {
      await (mayAdopt ??= checkAlive())
      const adopted = await patch(child, adoptPatch(child, controllerReference(owner, ownerRef), finalizers))
      onWrite(adopted)
      claimed.push(adopted)
    } catch (error) {
      if (!isReason(error, 'NotFound')) failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return claimed
}

function adoptPatch(child: KubeObject, reference: OwnerReference, finalizers: readonly string[] | undefined): unknown {
  return { metadata: { uid: child.metadata.uid, ownerReferences: [reference], finalizers } }
}

/** Takes an owner's reference off, in the form of a strategic merge patch. */
export function releasePatch(child: KubeObject, ownerUid: string, finalizers?: readonly string[]): unknown {
  const metadata: Record<string, unknown> = {
    uid: child.metadata.uid,
    ownerReferences: [{ $patch: 'delete', uid: ownerUid }],
  }
  if (finalizers?.length) metadata['$deleteFromPrimitiveList/finalizers'] = finalizers
  return { metadata }
}
