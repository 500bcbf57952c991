/** Volumes of a pod that could not be mounted: one error each, in the words of upstream's FailedMount events. */
export class VolumeErrors extends Error {
  override readonly name = 'VolumeErrors'
  readonly failures: readonly Error[]
  constructor(failures: readonly Error[]) {
    super(failures.map(({ message }) => message).join('; '))
    this.failures = failures
  }
}
