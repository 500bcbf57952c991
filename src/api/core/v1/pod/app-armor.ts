import { jsonEqual, type Draft } from '../../../../machinery/json.ts'
import type { AppArmorProfile, Pod } from '../../../types.generated.ts'

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/'

/** The profile that an annotation of old names; undefined when it names none that is valid. */
export function profileOfAnnotation(annotation: string): Draft<AppArmorProfile> | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const prefix = 'localhost/'
  if (!annotation.startsWith(prefix)) return undefined
  const localhostProfile = annotation.slice(prefix.length)
  if (localhostProfile === '' || localhostProfile.trim() !== localhostProfile || localhostProfile.length > 4095)
    return undefined
  return { type: 'Localhost', localhostProfile }
}

/** Copies AppArmor annotations to the fields that took their place (pkg/registry/core/pod applyAppArmorVersionSkew). */
export function syncAppArmor(draft: Draft<Pod>): void {
  const { annotations } = draft.metadata
  const spec = draft.spec!
  if (annotations === undefined || spec.os?.name === 'windows') return
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]
  for (const container of containers) {
    const annotation = annotations[annotationPrefix + container.name]
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) continue
    const profile = profileOfAnnotation(annotation)
    if (profile === undefined || jsonEqual(profile, spec.securityContext?.appArmorProfile)) continue
    ;(container.securityContext ??= {}).appArmorProfile = profile
  }
}
