import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResourceFacts } from './discovery.ts'
import type { ApiPackage } from './packages.ts'

/**
 * Adds to resources since when clients are advised against them, when they go, and what to use instead: what follows "is
 * deprecated in" in upstream's warning (apiserver pkg/endpoints/deprecation).
 */
export function withLifecycles(
  resources: readonly ResourceFacts[],
  packages: Iterable<ApiPackage>,
  upstream: string,
): readonly ResourceFacts[] {
  const sources = new Map<string, string>()
  for (const { folder, group, version } of packages) {
    if (group === undefined || !existsSync(folder)) continue
    const files = readdirSync(folder).filter((file) => file.endsWith('lifecycle.go'))
    sources.set(`${group}/${version}`, files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n'))
  }
  const minor = Number(upstream.split('.')[1])
  return resources.map((each) => {
    const deprecated = adviceOf(sources.get(`${each.group}/${each.version}`) ?? '', each.kind, minor)
    return deprecated === undefined ? each : { ...each, deprecated }
  })
}

function adviceOf(source: string, kind: string, minor: number): string | undefined {
  const body = (what: string) =>
    new RegExp(`\\*${kind}\\) APILifecycle${what}\\(\\)[^{]*\\{([^}]*\\}?)`).exec(source)?.[1]
  const release = (what: string) => {
    const [, major, least] = /return (\d+), (\d+)/.exec(body(what) ?? '') ?? []
    return major === undefined || major === '0' ? undefined : Number(least)
  }
  const since = release('Deprecated')
  if (since === undefined || since > minor) return undefined
  const removed = release('Removed')
  const [, group, version, name] =
    /Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"/.exec(body('Replacement') ?? '') ?? []
  const instead = group === '' ? version : `${group}/${version}`
  return `v1.${since}+${removed === undefined ? '' : `, unavailable in v1.${removed}+`}${name === undefined ? '' : `; use ${instead} ${name}`}`
}
