import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shapeDigest } from '../../src/apiserver/openapi/document-shape.fixture.ts'

/**
 * Digests of upstream's OpenAPI v3 and discovery documents of all versions, by which tests know that ours say the
 * same. Keys: `openapi apps/v1`, `discovery apps/v1`.
 */
export function documentDigests(kubernetes: string): Readonly<Record<string, string>> {
  const digests: Record<string, string> = {}
  const add = (kind: string, folder: string, pattern: RegExp) => {
    for (const file of readdirSync(join(kubernetes, folder)).sort()) {
      const [, path] = pattern.exec(file) ?? []
      const [group, version] = path?.includes('__') ? (path.split('__') as [string, string]) : ['', path]
      // Of groups as such there are documents, too.
      if (version === undefined || !/^v\d/.test(version)) continue
      const document: unknown = JSON.parse(readFileSync(join(kubernetes, folder, file), 'utf8'))
      digests[`${kind} ${group}/${version}`] = shapeDigest(document)
    }
  }
  add('openapi', 'api/openapi-spec/v3', /^apis?__(.+)_openapi\.json$/)
  add('discovery', 'api/discovery', /^apis?__(.+)\.json$/)
  return digests
}
