import { configMaps } from '../../api/core/v1/config-map.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import type { ResourceRef } from '../../api/definition.ts'
import type { ConfigMap, Pod, Secret } from '../../api/types.generated.ts'
import type { InformerFactory } from '../../client/informer.ts'
import { notFound } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { ReferencedObjects } from '../environment/environment.ts'
import { declaredContainers } from '../pods/containers.ts'

/**
 * ConfigMaps and Secrets that the node's pods refer to, and no others: each is watched by name while some pod needs it
 * (a node may read nothing else; upstream: pkg/kubelet/util/manager/watch_based_manager.go).
 */
export interface WatchedObjects extends ReferencedObjects {
  /** The pod is on this node: keep what it refers to. Again after it changed. */
  add(pod: Pod): void
  remove(uid: string): void
}

interface Watched {
  readonly pods: Set<string>
  readonly stop: () => void
}

type Reference = `${'configmap' | 'secret'}/${string}/${string}`

export function createWatchedObjects(options: {
  readonly informers: InformerFactory
  /** An object that these pods refer to has come, changed or gone. */
  readonly onChange: (podUids: readonly string[]) => void
}): WatchedObjects {
  const watched = new Map<Reference, Watched>()

  const refs = { configmap: configMaps as ResourceRef, secret: secrets as ResourceRef }
  const selector = (name: string) => ({ fieldSelector: `metadata.name=${name}` })
  const parts = (reference: Reference) => reference.split('/') as ['configmap' | 'secret', string, string]
  const informerOf = (reference: Reference) => {
    const [kind, namespace, name] = parts(reference)
    return options.informers.for(refs[kind], { namespace, ...selector(name) })
  }
  const drop = (reference: Reference, entry: Watched) => {
    const [kind, namespace, name] = parts(reference)
    watched.delete(reference)
    entry.stop()
    void options.informers.release(refs[kind], { namespace, ...selector(name) })
  }
  const keep = (reference: Reference, uid: string) => {
    const known = watched.get(reference)
    if (known !== undefined) return void known.pods.add(uid)
    const pods = new Set([uid])
    const changed = () => options.onChange([...pods])
    const informer = informerOf(reference)
    const stop = informer.subscribe({ added: changed, updated: changed, deleted: changed })
    watched.set(reference, { pods, stop })
  }
  const get = async (reference: Reference): Promise<KubeObject> => {
    const [kind, namespace, name] = parts(reference)
    if (!watched.has(reference))
      throw new Error(`object ${JSON.stringify(namespace)}/${JSON.stringify(name)} not registered`)
    const informer = informerOf(reference)
    await informer.whenSynced()
    const object = informer.get(`${namespace}/${name}`)
    // Upstream's text names the kind in the singular here.
    if (object === undefined) throw notFound({ group: '', resource: kind }, name)
    return object
  }

  return {
    add(pod) {
      const uid = pod.metadata.uid ?? ''
      const wanted = referencesOf(pod)
      for (const reference of wanted) keep(reference, uid)
      for (const [reference, entry] of watched) {
        if (wanted.has(reference)) continue
        if (entry.pods.delete(uid) && entry.pods.size === 0) drop(reference, entry)
      }
    },
    remove(uid) {
      for (const [reference, entry] of watched) {
        if (entry.pods.delete(uid) && entry.pods.size === 0) drop(reference, entry)
      }
    },
    configMap: async (namespace, name) => (await get(`configmap/${namespace}/${name}`)) as ConfigMap,
    secret: async (namespace, name) => (await get(`secret/${namespace}/${name}`)) as Secret,
  }
}

export function referencesOf(pod: Pod): Set<Reference> {
  const found = new Set<Reference>()
  const namespace = pod.metadata.namespace ?? ''
  const add = (kind: 'configmap' | 'secret', name: string | undefined) => {
    if (name) found.add(`${kind}/${namespace}/${name}`)
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) add('secret', name)
  for (const { container } of declaredContainers(pod)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('configmap', configMapRef?.name)
      add('secret', secretRef?.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      add('configmap', valueFrom?.configMapKeyRef?.name)
      add('secret', valueFrom?.secretKeyRef?.name)
    }
  }
  for (const volume of pod.spec.volumes ?? []) {
    add('configmap', volume.configMap?.name)
    add('secret', volume.secret?.secretName)
    for (const source of volume.projected?.sources ?? []) {
      add('configmap', source.configMap?.name)
      add('secret', source.secret?.name)
    }
  }
  return found
}
