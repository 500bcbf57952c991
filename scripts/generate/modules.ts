import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The release that the facts are taken from; staging modules carry the same numbers with a leading 0. */
export const upstreamVersion = 'v1.37.1'

const staged = upstreamVersion.replace('v1.', 'v0.')
const modules = [
  `k8s.io/kubernetes@${upstreamVersion}`,
  ...[
    'api',
    'apimachinery',
    'apiserver',
    'apiextensions-apiserver',
    'client-go',
    'component-base',
    'controller-manager',
    'kube-aggregator',
    'pod-security-admission',
  ].map((name) => `k8s.io/${name}@${staged}`),
]

/** Maps each upstream module's path to its folder in the Go module cache, downloading what is missing. Needs Go. */
export function upstreamModules(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-generate-'))
  try {
    writeFileSync(join(folder, 'go.mod'), 'module generate\n')
    const output = execFileSync('go', ['mod', 'download', '-json', ...modules], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod' },
      maxBuffer: 1 << 24,
    })
    // One JSON document per module, one after the other.
    const answers = JSON.parse(`[${output.replaceAll(/^\}\n\{/gm, '},{')}]`) as {
      Path: string
      Dir?: string
      Error?: string
    }[]
    return new Map(
      answers.map(({ Path, Dir, Error: failure }) => {
        if (Dir === undefined) throw new Error(`${Path}: ${failure ?? 'not downloaded'}`)
        return [Path, Dir]
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
