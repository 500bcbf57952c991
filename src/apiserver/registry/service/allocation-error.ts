/** Why an address or a port cannot be had; the registry puts it into the field's error. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError'
  /** The range is full: nobody's fault but the cluster's. */
  readonly full: boolean
  constructor(message: string, full = false, options?: ErrorOptions) {
    super(message, options)
    this.full = full
  }
}
