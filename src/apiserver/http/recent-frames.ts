import type { StoredObject } from '../cache/stored-object.ts'

const generationBytes = 4 * 1024 * 1024

/**
 * The frames of objects that many watches are told of at the moment: made once, and forgotten soon, for an object lives
 * longer than its event. Two generations; the older one goes when the younger is full.
 */
export class RecentFrames {
  #young = new Map<StoredObject, Map<string, Uint8Array>>()
  #old: ReadonlyMap<StoredObject, Map<string, Uint8Array>> = new Map()
  #youngBytes = 0

  get(type: string, object: StoredObject, make: () => Uint8Array): Uint8Array {
    let frames = this.#young.get(object) ?? this.#old.get(object)
    let frame = frames?.get(type)
    if (frame !== undefined) return frame
    frame = make()
    if (this.#youngBytes > generationBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    frames ??= new Map()
    frames.set(type, frame)
    this.#young.set(object, frames)
    this.#youngBytes += frame.byteLength
    return frame
  }
}
