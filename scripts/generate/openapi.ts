import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the facts table takes from an OpenAPI v3 schema; descriptions are never read. */
export interface OpenApiSchema {
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: string
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-unions'?: readonly {
    readonly discriminator?: string
    readonly 'fields-to-discriminateBy': Readonly<Record<string, string>>
  }[]
}

/** All schemas of the OpenAPI v3 documents in `folder`, by definition name. */
export function readOpenApi(folder: string): ReadonlyMap<string, OpenApiSchema> {
  const schemas = new Map<string, OpenApiSchema>()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) continue
    const document = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      components?: { schemas?: Record<string, OpenApiSchema> }
    }
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      if (!schemas.has(name)) schemas.set(name, schema)
    }
  }
  return schemas
}
