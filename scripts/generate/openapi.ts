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

interface OpenApiOperation {
  readonly 'x-kubernetes-action'?: string
  readonly 'x-kubernetes-group-version-kind'?: {
    readonly group: string
    readonly version: string
    readonly kind: string
  }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>> }>
  >
}

export interface OpenApi {
  /** All schemas, by definition name. */
  readonly schemas: ReadonlyMap<string, OpenApiSchema>
  /** `group/version kind` of what DELETE answers with the object. */
  readonly returnsDeleted: ReadonlySet<string>
}

/** Reads the OpenAPI v3 documents in `folder`. */
export function readOpenApi(folder: string): OpenApi {
  const schemas = new Map<string, OpenApiSchema>()
  const returnsDeleted = new Set<string>()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) continue
    const document = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      components?: { schemas?: Record<string, OpenApiSchema> }
      paths: Record<string, { delete?: OpenApiOperation }>
    }
    for (const { delete: operation } of Object.values(document.paths)) {
      const gvk = operation?.['x-kubernetes-group-version-kind']
      if (!gvk || operation?.['x-kubernetes-action'] !== 'delete') continue
      const answer = operation.responses['200']?.content?.['application/json']?.schema.$ref
      if (answer?.endsWith(`.${gvk.kind}`)) returnsDeleted.add(`${gvk.group}/${gvk.version} ${gvk.kind}`)
    }
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      if (!schemas.has(name)) schemas.set(name, schema)
    }
  }
  return { schemas, returnsDeleted }
}
