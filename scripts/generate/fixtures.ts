import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

/** One object in upstream's three encodings. */
export interface Fixture {
  readonly name: string
  readonly json: string
  readonly yaml: string
  /** base64. */
  readonly protobuf: string
}

/**
 * Upstream's own round-trip data (k8s.io/api testdata/HEAD: every field of every kind set) as one compressed file, so that
 * the codecs are tested against it without Go. `known`: whether the facts table has the kind.
 */
export function bundleFixtures(folder: string, known: (apiVersion: string, kind: string) => boolean): Buffer {
  const fixtures: Fixture[] = []
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) continue
    const name = file.slice(0, -'.json'.length)
    const object = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { apiVersion?: string; kind?: string }
    if (object.apiVersion === undefined || !known(object.apiVersion, object.kind!)) continue
    fixtures.push({
      name,
      json: JSON.stringify(object),
      yaml: readFileSync(join(folder, `${name}.yaml`), 'utf8'),
      protobuf: readFileSync(join(folder, `${name}.pb`)).toString('base64'),
    })
  }
  const text = Buffer.from(JSON.stringify(fixtures))
  return brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  })
}
