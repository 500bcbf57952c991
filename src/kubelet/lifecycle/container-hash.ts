import type { Container } from '../../api/types.generated.ts'

/** A number that changes when the container has to be restarted for its declaration: its name or image changed. */
export function containerHash(container: Container): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(JSON.stringify({ image: container.image ?? '', name: container.name }))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  return hash.toString(16)
}
