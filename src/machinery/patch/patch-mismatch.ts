/** The patch does not fit the object's type; upstream answers 500 with the bare message. */
export class PatchMismatch extends Error {
  override readonly name = 'PatchMismatch'
}
