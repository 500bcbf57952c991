import type { PodTemplateSpec } from '../../api/types.generated.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'

export const templateHashLabel = 'pod-template-hash'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * A short name for a template, the same for the same content. `collisionCount` gives another one for the same template.
 * Form and alphabet are upstream's (controller_utils.go ComputeHash); the values are not, for Go hashes its own structs.
 */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let text = canonicalJson(template)
  if (collisionCount !== undefined) text += `#${collisionCount}`
  return safeEncode(String(fnv1a32(text)))
}

/** JSON with sorted members, without those that are undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** FNV-1a of the text's UTF-8. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** Letters that make no words (apimachinery pkg/util/rand SafeEncodeString). */
export function safeEncode(text: string): string {
  return [...text].map((char) => alphabet[char.charCodeAt(0) % alphabet.length]).join('')
}

/** Whether two templates are the same but for the hash that one of them is labelled with. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  if (a === b) return true
  return semanticEqual(a?.spec, b?.spec) && semanticEqual(withoutHash(a), withoutHash(b))
}
function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { labels, ...metadata } = template?.metadata ?? {}
  const { [templateHashLabel]: _, ...others } = labels ?? {}
  return { ...metadata, labels: others }
}
