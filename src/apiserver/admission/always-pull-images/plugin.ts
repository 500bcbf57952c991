import { containersOf } from '../../../api/core/v1/pod/containers-of.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { errorText, fieldErrors } from '../../../machinery/field-error.ts'
import type { Draft } from '../../../machinery/json.ts'
import { isFor, objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'

/** Every image is pulled, so that nobody runs one that only others on the node may have (plugin/pkg/admission/alwayspullimages). */
export function createAlwaysPullImages(): AdmissionPlugin {
  return {
    name: 'AlwaysPullImages',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      if (!concerns(attributes)) return
      const { spec } = objectOf<Pod>(attributes)
      for (const [container] of containersOf(spec as Pod['spec'], 'spec'))
        (container as Draft<typeof container>).imagePullPolicy = 'Always'
      for (const { image } of spec.volumes ?? []) if (image) image.pullPolicy = 'Always'
    },
    validate(attributes) {
      if (!concerns(attributes)) return
      const { spec } = objectOf<Pod>(attributes) as Pod
      const policies = [
        ...[...containersOf(spec, 'spec')].map(([one, at]) => [`${at}.imagePullPolicy`, one.imagePullPolicy] as const),
        ...(spec.volumes ?? []).flatMap(({ image }, at) =>
          image ? [[`spec.volumes[${at}].image.pullPolicy`, image.pullPolicy] as const] : [],
        ),
      ]
      const wrong = policies.filter(([, policy]) => policy !== 'Always')
      if (wrong.length === 0) return
      const texts = wrong.map(([field, policy]) => errorText(fieldErrors.notSupported(field, policy ?? '', ['Always'])))
      throw refusal(attributes, texts.join(', '))
    },
  }
}

/** An update that names no new image is let through. */
function concerns(attributes: AdmissionAttributes): boolean {
  if (!isFor(attributes, 'pods')) return false
  const old = attributes.operation === 'UPDATE' ? oldObjectOf<Pod>(attributes) : undefined
  if (old === undefined) return true
  const before = new Set([...containersOf(old.spec, '')].map(([{ image }]) => image))
  return [...containersOf(objectOf<Pod>(attributes).spec as Pod['spec'], '')].some(([{ image }]) => !before.has(image))
}
