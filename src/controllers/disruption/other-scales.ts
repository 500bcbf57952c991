import type { ResourceRef } from '../../api/definition.ts'
import type { Pod, Scale } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { isReason } from '../../machinery/errors.ts'
import { apiVersionOf, controllerOf, type OwnerReference } from '../../machinery/meta/object.ts'
import type { KindLookup } from '../runtime/kind-lookup.ts'
import type { OtherScales } from './reconcile.ts'

/** Reads the scales of controllers that are not known here, custom ones too (disruption.go getScaleController). */
export async function otherScales(
  client: Client,
  kinds: KindLookup,
  pods: readonly Pod[],
  isKnown: (owner: OwnerReference, namespace: string) => boolean,
): Promise<OtherScales> {
  const owners = new Map<string, { readonly owner: OwnerReference; readonly namespace: string }>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    const { namespace = '' } = pod.metadata
    if (owner !== undefined && !isKnown(owner, namespace)) owners.set(owner.uid, { owner, namespace })
  }
  const scales = new Map<string, { readonly replicas: number } | { readonly problem: string }>()
  for (const { owner, namespace } of owners.values()) {
    try {
      const ref = await kinds.find(owner.apiVersion, owner.kind)
      const scale = await scaleOf(client, ref, namespace, owner.name)
      if (scale === 'none') {
        const name = ref.group === '' ? ref.resource : `${ref.resource}.${ref.group}`
        scales.set(owner.uid, { problem: `${name} does not implement the scale subresource` })
      } else if (scale?.metadata.uid === owner.uid) scales.set(owner.uid, { replicas: scale.spec.replicas ?? 0 })
    } catch (error) {
      scales.set(owner.uid, { problem: error instanceof Error ? error.message : String(error) })
    }
  }
  return scales
}

/** `none`: objects of this kind have no scale; undefined: the object is gone. */
async function scaleOf(
  client: Client,
  ref: ResourceRef,
  namespace: string,
  name: string,
): Promise<Scale | 'none' | undefined> {
  try {
    return (await client.get(ref, { namespace, name }, { subresource: 'scale' })) as Scale
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    const root = ref.group === '' ? '/api' : '/apis'
    const { body } = await client.transport.request({ method: 'GET', path: `${root}/${apiVersionOf(ref)}` })
    const { resources = [] } = body as { resources?: readonly { readonly name: string; readonly kind: string }[] }
    const has = resources.some((served) => served.name === `${ref.resource}/scale` && served.kind === 'Scale')
    return has ? undefined : 'none'
  }
}
