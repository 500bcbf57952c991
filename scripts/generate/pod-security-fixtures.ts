import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { parseYaml } from '../../src/machinery/codec/yaml/parse-yaml.ts'

/** Pods that a level and version of the pod security standards must let through, or must not. */
export interface PodSecurityFixtures {
  /** Each once; the cases name them by index. */
  readonly pods: readonly unknown[]
  readonly cases: readonly {
    readonly level: 'baseline' | 'restricted'
    /** Of Kubernetes 1.x. */
    readonly minor: number
    readonly passes: boolean
    /** File names with the indexes of their pods. */
    readonly pods: readonly (readonly [file: string, pod: number])[]
  }[]
}

/** Upstream's own cases (pod-security-admission test/testdata) as one compressed file. */
export function bundlePodSecurityFixtures(folder: string): Buffer {
  const known = new Map<string, number>()
  const cases: PodSecurityFixtures['cases'][number][] = []
  for (const level of ['baseline', 'restricted'] as const) {
    for (const version of readdirSync(join(folder, level))) {
      for (const outcome of ['pass', 'fail'] as const) {
        const at = join(folder, level, version, outcome)
        const pods = readdirSync(at)
          .sort()
          .map((file): [string, number] => {
            const text = JSON.stringify(parseYaml(readFileSync(join(at, file), 'utf8')).value)
            const index = known.get(text) ?? known.size
            known.set(text, index)
            return [file, index]
          })
        cases.push({ level, minor: Number(version.slice('v1.'.length)), passes: outcome === 'pass', pods })
      }
    }
  }
  const fixtures: PodSecurityFixtures = { pods: [...known.keys()].map((text) => JSON.parse(text) as unknown), cases }
  return brotliCompressSync(Buffer.from(JSON.stringify(fixtures)), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  })
}
