import type { Container, Pod, SecurityContext } from '../../api/types.generated.ts'
import { podText } from '../pods/containers.ts'

/** The container's security context with the pod's where it says nothing (pkg/securitycontext DetermineEffectiveSecurityContext). */
export function effectiveContext(pod: Pod, container: Container): SecurityContext {
  const { seLinuxOptions, runAsUser, runAsGroup, runAsNonRoot, seccompProfile, appArmorProfile } =
    pod.spec.securityContext ?? {}
  const fromPod = { seLinuxOptions, runAsUser, runAsGroup, runAsNonRoot, seccompProfile, appArmorProfile }
  const own = Object.entries(container.securityContext ?? {}).filter(([, value]) => value !== undefined)
  return { ...fromPod, ...Object.fromEntries(own) }
}

/** The user of an image: a number, else a name that only the image knows. */
export interface ImageUser {
  readonly uid?: number
  readonly username: string
}

/** Throws what upstream says when a container that must not be root would be (kuberuntime verifyRunAsNonRoot). */
export function verifyRunAsNonRoot(pod: Pod, container: Container, image: ImageUser): void {
  const context = effectiveContext(pod, container)
  if (context.runAsNonRoot !== true) return
  const where = `(pod: ${JSON.stringify(podText(pod))}, container: ${container.name})`
  if (context.runAsUser !== undefined) {
    if (context.runAsUser === 0) throw new Error(`container's runAsUser breaks non-root policy ${where}`)
    return
  }
  if (image.uid === undefined && image.username !== '') {
    throw new Error(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    )
  }
  if (image.uid === 0) throw new Error(`container has runAsNonRoot and image will run as root ${where}`)
}
