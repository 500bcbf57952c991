import { createHash } from 'node:crypto'

/**
 * What two OpenAPI or discovery documents must have in common to be the same to a client: all but texts, the media
 * types of features that are off by default (CBOR), enums (which upstream's published documents leave out), and the
 * groups in which the machinery's own kinds are found.
 */
export function documentShape(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => typeof item !== 'string' || !item.includes('cbor')).map(documentShape)
  }
  if (typeof value !== 'object' || value === null) return value
  const members = value as Record<string, unknown>
  const shape: Record<string, unknown> = {}
  for (const name of Object.keys(members).sort()) {
    const member = members[name]
    if (member === undefined || name.includes('cbor')) continue
    if (name === 'enum' || name === 'info' || (name === 'description' && typeof member === 'string')) continue
    const { 'x-kubernetes-group-version-kind': _, ...everywhere } = Object(member)
    shape[name] = documentShape(/\.meta\.v1\.(DeleteOptions|WatchEvent)$/.test(name) ? everywhere : member)
  }
  return shape
}

export function shapeDigest(document: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(documentShape(document)))
    .digest('base64url')
    .slice(0, 16)
}
