import type { VolumeProjection } from '../../../api/types.generated.ts'
import { aggregate } from '../../../machinery/errors.ts'
import { commonUser } from '../ownership.ts'
import { configMapFiles, downwardFiles, type Files, optionally, secretFiles } from '../payload.ts'
import type { VolumeInput, VolumePlugin } from '../plugin.ts'
import { writtenVolume } from '../written-volume.ts'

/** Several sources in one folder, in memory (upstream: pkg/volume/projected). */
export const projected: VolumePlugin = {
  name: 'kubernetes.io~projected',
  supports: (volume) => volume.projected !== undefined,
  follows: true,
  async mount(input) {
    const files: Files = new Map()
    const failures: string[] = []
    for (const [index, source] of (input.volume.projected?.sources ?? []).entries()) {
      try {
        for (const [path, file] of await sourceFiles(input, source, index)) files.set(path, file)
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    if (failures.length > 0) throw new Error(aggregate(failures))
    return writtenVolume(input, files, true)
  },
}

async function sourceFiles(input: VolumeInput, source: VolumeProjection, index: number): Promise<Files> {
  const { pod, sources } = input
  const { defaultMode = 0o644, defaultUser } = input.volume.projected ?? {}
  const namespace = pod.metadata.namespace ?? ''
  // What only the pod may read is its user's, or its group's.
  const privateFile = (text: string, path: string, own: number | undefined): Files => {
    const user = own ?? defaultUser ?? commonUser(pod)
    const restricted = user !== undefined || pod.spec.securityContext?.fsGroup !== undefined
    return new Map([[path, { data: Buffer.from(text), mode: restricted ? 0o600 : defaultMode, user }]])
  }
  if (source.secret !== undefined) {
    const { name = '', items, optional = false } = source.secret
    const object = await optionally(optional, sources.secret(namespace, name))
    return secretFiles(object, { items, defaultMode, defaultUser, optional })
  }
  if (source.configMap !== undefined) {
    const { name = '', items, optional = false } = source.configMap
    const object = await optionally(optional, sources.configMap(namespace, name))
    return configMapFiles(object, { items, defaultMode, defaultUser, optional })
  }
  if (source.downwardAPI !== undefined) {
    return downwardFiles(source.downwardAPI.items ?? [], input.facts, defaultMode, defaultUser)
  }
  if (source.serviceAccountToken !== undefined) {
    const { audience, expirationSeconds, path, user } = source.serviceAccountToken
    return privateFile(await sources.serviceAccountToken(pod, { audience, expirationSeconds }), path, user)
  }
  if (source.clusterTrustBundle !== undefined) {
    const { name, signerName, labelSelector, optional = false, path, user } = source.clusterTrustBundle
    if (name === undefined && signerName === undefined) {
      throw new Error('ClusterTrustBundle projection requires either name or signerName to be set')
    }
    return privateFile(await sources.trustAnchors({ name, signerName, labelSelector, optional }), path, user)
  }
  if (source.podCertificate !== undefined) {
    const { credentialBundlePath, keyPath, certificateChainPath, user } = source.podCertificate
    const { key, chain } = await sources.podCertificate(pod, input.volume.name, index, source.podCertificate)
    const files: Files = new Map()
    const put = (path: string | undefined, text: string) => {
      if (path) for (const [at, file] of privateFile(text, path, user)) files.set(at, file)
    }
    put(credentialBundlePath, key + chain)
    put(keyPath, key)
    put(certificateChainPath, chain)
    return files
  }
  throw new Error('this source of a projected volume is not supported on this node')
}
