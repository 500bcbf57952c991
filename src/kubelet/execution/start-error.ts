/**
 * Why a container could not be started: `reason` is that of its waiting state (`ErrImagePull`), `message` explains it
 * (upstream: the well-known errors of pkg/kubelet/images and pkg/kubelet/container).
 */
export type StartFailure =
  | 'ErrImagePull'
  | 'ImagePullBackOff'
  | 'ErrImageNeverPull'
  | 'InvalidImageName'
  | 'ImageInspectError'
  | 'RegistryUnavailable'
  | 'SignatureValidationFailed'
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'
  | 'PostStartHookError'
  | 'CrashLoopBackOff'

export class StartError extends Error {
  override readonly name = 'StartError'
  readonly reason: StartFailure
  constructor(reason: StartFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
