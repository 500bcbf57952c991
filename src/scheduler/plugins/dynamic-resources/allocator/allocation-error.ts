/** Something is wrong with a claim, a class or a slice: no node is worth a try until it is mended. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError'
}

/** Nothing to be had on this node; another one may do. */
export class NodeAllocationError extends Error {
  override readonly name = 'NodeAllocationError'
}

/** Finding out took too long. */
export class AllocationTimeout extends Error {
  override readonly name = 'AllocationTimeout'
}
