import { goQuote } from '../../../../machinery/field-error.ts'
import type { Volume, VolumeProjection } from '../../../types.generated.ts'

/** Files of one volume that lie in each other's way (pkg/api/pod/warnings.go warningsForOverlappingVirtualPaths). */
interface Source {
  readonly path: string
  /** What gives the file, where a volume has several. */
  readonly source: string
}

export function pathOverlapWarnings(volumes: readonly Volume[]): string[] {
  return volumes.flatMap((volume) => {
    const { name, configMap, secret, downwardAPI, projected } = volume
    const of = (kind: string, items: readonly { readonly path: string }[] | undefined) =>
      overlaps((items ?? []).map(({ path }) => ({ path, source: '' }))).map(
        (text) => `volume ${goQuote(name)} (${kind}): overlapping paths: ${text}`,
      )
    const warnings = [
      ...(configMap ? of(`ConfigMap ${goQuote(configMap.name ?? '')}`, configMap.items) : []),
      ...(secret ? of(`Secret ${goQuote(secret.secretName ?? '')}`, secret.items) : []),
      ...(downwardAPI ? of('DownwardAPI', downwardAPI.items) : []),
    ]
    if (!projected) return warnings
    const sources = projected.sources ?? []
    const empty = sources.filter((source) => Object.values(source).every((part) => part === undefined))
    warnings.push(...empty.map(() => `volume ${goQuote(name)} (Projected) has no sources provided`))
    for (const text of overlaps(sources.flatMap(pathsOf))) {
      warnings.push(`volume ${goQuote(name)} (Projected): overlapping paths: ${text}`)
    }
    return warnings
  })
}

function pathsOf(projection: VolumeProjection): Source[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = projection
  const all = (items: readonly { readonly path: string }[], source: string) =>
    items.map(({ path }) => ({ path, source }))
  if (configMap?.items) return all(configMap.items, `ConfigMap ${goQuote(configMap.name ?? '')}`)
  if (secret?.items) return all(secret.items, `Secret ${goQuote(secret.name ?? '')}`)
  if (downwardAPI?.items) return all(downwardAPI.items, 'DownwardAPI')
  if (serviceAccountToken) return [{ path: serviceAccountToken.path, source: 'ServiceAccountToken' }]
  if (clusterTrustBundle) {
    const name = clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? ''
    return [{ path: clusterTrustBundle.path, source: `ClusterTrustBundle ${goQuote(name)}` }]
  }
  if (!podCertificate) return []
  const { certificateChainPath, keyPath, credentialBundlePath } = podCertificate
  return [
    { path: certificateChainPath ?? '', source: 'PodCertificate chain' },
    { path: keyPath ?? '', source: 'PodCertificate key' },
    { path: credentialBundlePath ?? '', source: 'PodCertificate credential bundle' },
  ].filter(({ path }) => path !== '')
}

function overlaps(sources: readonly Source[]): string[] {
  const texts: string[] = []
  const before: Source[] = []
  for (const one of sources) {
    const path = one.path.replace(/\/+$/, '')
    const current = { ...one, path }
    if (path !== '') {
      for (const other of before) {
        if (other.path === '' || !contains(path, other.path)) continue
        texts.push(`${describe(current)} with ${describe(other)}`)
      }
    }
    before.push(current)
  }
  return texts
}

function contains(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)
}

function describe({ path, source }: Source): string {
  return source ? `${goQuote(path)} (${source})` : goQuote(path)
}
