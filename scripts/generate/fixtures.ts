import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

/** One object in upstream's three encodings. */
export interface Encodings {
  readonly json: string
  readonly yaml: string
  /** base64. */
  readonly protobuf: string
}

export interface Fixture extends Encodings {
  /** `HEAD/apps.v1.Deployment`, `v1.33.0/…` for what older releases wrote. */
  readonly name: string
  /** What this release writes after it has read it, where that is something else. */
  readonly after?: Encodings
}

/**
 * Upstream's own round-trip data (k8s.io/api testdata: every field of every kind set, as this and older releases write it)
 * as one compressed file, so that the codecs are tested against it without Go. `known`: whether the facts table has the kind.
 */
export function bundleFixtures(testdata: string, known: (apiVersion: string, kind: string) => boolean): Buffer {
  const fixtures: Fixture[] = []
  for (const release of [
    'HEAD',
    ...readdirSync(testdata)
      .filter((name) => /^v\d/.test(name))
      .sort(),
  ]) {
    const folder = join(testdata, release)
    for (const file of readdirSync(folder).sort()) {
      if (!file.endsWith('.json') || file.endsWith('.after_roundtrip.json')) continue
      const name = file.slice(0, -'.json'.length)
      const encodings = read(folder, name)
      const object = JSON.parse(encodings.json) as { apiVersion?: string; kind?: string }
      if (object.apiVersion === undefined || !known(object.apiVersion, object.kind!)) continue
      const after = afterwards(folder, name, encodings)
      fixtures.push({ name: `${release}/${name}`, ...encodings, ...(after && { after }) })
    }
  }
  const text = Buffer.from(JSON.stringify(fixtures))
  return brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  })
}

function read(folder: string, name: string): Encodings {
  return {
    json: JSON.stringify(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))),
    yaml: readFileSync(join(folder, `${name}.yaml`), 'utf8'),
    protobuf: readFileSync(join(folder, `${name}.pb`)).toString('base64'),
  }
}

/** Each encoding has a file of its own only where it changes. */
function afterwards(folder: string, name: string, before: Encodings): Encodings | undefined {
  const has = (extension: string) => existsSync(join(folder, `${name}.after_roundtrip.${extension}`))
  if (!['json', 'yaml', 'pb'].some(has)) return undefined
  const path = (extension: string) => join(folder, `${name}.after_roundtrip.${extension}`)
  return {
    json: has('json') ? JSON.stringify(JSON.parse(readFileSync(path('json'), 'utf8'))) : before.json,
    yaml: has('yaml') ? readFileSync(path('yaml'), 'utf8') : before.yaml,
    protobuf: has('pb') ? readFileSync(path('pb')).toString('base64') : before.protobuf,
  }
}
