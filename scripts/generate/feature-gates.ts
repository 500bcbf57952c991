import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A gate as it stands in the release: what src/api/features reads. */
interface GateFacts {
  readonly stage: string
  readonly default: boolean
  readonly locked?: true
  /** Gates that must be on where this one is. */
  readonly needs?: readonly string[]
}

/** Where the gates of kube-apiserver are declared, those of later files over those of earlier ones. */
const sources: readonly (readonly [module: string, file: string])[] = [
  ['k8s.io/client-go', 'features/known_features.go'],
  ['k8s.io/component-base', 'logs/api/v1/kube_features.go'],
  ['k8s.io/component-base', 'metrics/features/kube_features.go'],
  ['k8s.io/component-base', 'zpages/features/kube_features.go'],
  ['k8s.io/controller-manager', 'pkg/features/kube_features.go'],
  ['k8s.io/apiextensions-apiserver', 'pkg/features/kube_features.go'],
  ['k8s.io/apiserver', 'pkg/features/kube_features.go'],
  ['k8s.io/kubernetes', 'pkg/features/kube_features.go'],
]

/** The feature gates of a release (`v1.37.1`): each stands as its last specification up to that version says. */
export function readFeatureGates(modules: ReadonlyMap<string, string>, upstream: string): Record<string, GateFacts> {
  const minor = Number(upstream.split('.')[1])
  const texts = sources.map(([module, file]) => readFileSync(join(modules.get(module)!, file), 'utf8'))
  const names = new Map<string, string>()
  for (const text of texts) {
    for (const [, constant, name] of text.matchAll(
      /^\s+(\w+)\s+(?:(?:featuregate\.)?Feature )?= (?:featuregate\.Feature\()?"(\w+)"/gm,
    )) {
      names.set(constant!, name!)
    }
  }
  const nameOf = (constant: string): string => names.get(constant.replace(/^\w+\./, ''))!
  const gates: Record<string, GateFacts> = {}
  for (const text of texts) {
    for (const [, constant, body] of text.matchAll(/^\t+([\w.]+): \{\n((?:\s*(?:\/\/.*|\{Version: .*)\n)+)\s*\},/gm)) {
      gates[nameOf(constant!)] = lastOf(body!, minor)
    }
    for (const [, constant, list] of text.matchAll(/^\t([\w.]+): \{([\w., ]+)\},/gm)) {
      const name = nameOf(constant!)
      gates[name] = { ...gates[name]!, needs: list!.split(/, */).map(nameOf) }
    }
  }
  return gates
}

function lastOf(body: string, minor: number): GateFacts {
  let found: GateFacts | undefined
  for (const [, since, rest] of body.matchAll(/Version: version\.MustParse\("1\.(\d+)"\),(.*)/g)) {
    // A higher bar on the other servers of the control plane is not met when nothing is said of them.
    const needed = /MinCompatibilityVersion: version\.MustParse\("1\.(\d+)"\)/.exec(rest!)
    if (Number(since) > minor || (needed && Number(needed[1]) > minor - 1)) continue
    const stage = /PreRelease: (?:featuregate\.)?(\w+)/.exec(rest!)![1]!
    found = {
      stage: stage === 'GA' ? '' : stage.toUpperCase(),
      default: /\bDefault: true/.test(rest!),
      ...(rest!.includes('LockToDefault: true') && { locked: true }),
    }
  }
  return found ?? { stage: 'PRE-ALPHA', default: false }
}

export function printFeatureGates(gates: Readonly<Record<string, GateFacts>>): string {
  const lines = Object.keys(gates)
    .sort()
    .map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(gates[name])}`)
  return `{\n${lines.join(',\n')}\n}\n`
}
