import type { ResourceRef } from '../api/definition.ts'
import type { KubeList, KubeObject } from '../machinery/meta/object.ts'
import type { Client, DeleteOptions, ListOptions, ObjectKey, PatchType, WatchOptions, WriteOptions } from './client.ts'
import { resourcePath } from './resource-path.ts'
import type { ApiRequest, Transport } from './transport.ts'

const patchContentTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

type Query = NonNullable<ApiRequest['query']>

/** The typed client: turns calls into requests of the transport, and nothing more. */
export function createClient(transport: Transport): Client {
  const request = async (request: ApiRequest) => (await transport.request(request)).body

  return {
    transport,

    async get<T extends KubeObject>(ref: ResourceRef<T>, key: ObjectKey, options: GetOptions = {}) {
      const path = resourcePath(ref, {
        ...scoped(ref, key.namespace),
        name: key.name,
        subresource: options.subresource,
      })
      return (await request({ method: 'GET', path, signal: options.signal })) as T
    },

    async list<T extends KubeObject>(ref: ResourceRef<T>, options: ListOptions = {}) {
      const path = resourcePath(ref, scoped(ref, options.namespace))
      return (await request({ method: 'GET', path, query: listQuery(options), signal: options.signal })) as KubeList<T>
    },

    watch<T extends KubeObject>(ref: ResourceRef<T>, options: WatchOptions = {}) {
      const path = resourcePath(ref, scoped(ref, options.namespace))
      return transport.watch({ method: 'GET', path, query: watchQuery(options), signal: options.signal })
    },

    async create<T extends KubeObject, Result = T>(
      ref: ResourceRef<T>,
      object: T | KubeObject,
      options: WriteOptions & { subresource?: string } = {},
    ) {
      const { namespace, name } = object.metadata
      const { subresource } = options
      const path = resourcePath(ref, { ...scoped(ref, namespace), name: subresource ? name : undefined, subresource })
      const query = writeQuery(options)
      return (await request({ method: 'POST', path, query, body: object, signal: options.signal })) as Result
    },

    async update<T extends KubeObject>(
      ref: ResourceRef<T>,
      object: T,
      options: WriteOptions & { subresource?: string } = {},
    ) {
      const { namespace, name } = object.metadata
      const path = resourcePath(ref, { ...scoped(ref, namespace), name, subresource: options.subresource })
      const query = writeQuery(options)
      return (await request({ method: 'PUT', path, query, body: object, signal: options.signal })) as T
    },

    async patch<T extends KubeObject>(
      ref: ResourceRef<T>,
      key: ObjectKey,
      type: PatchType,
      patch: unknown,
      options: WriteOptions & { subresource?: string; force?: boolean } = {},
    ) {
      const path = resourcePath(ref, {
        ...scoped(ref, key.namespace),
        name: key.name,
        subresource: options.subresource,
      })
      const query = { ...writeQuery(options), force: options.force ? 'true' : undefined }
      const contentType = patchContentTypes[type]
      return (await request({ method: 'PATCH', path, query, body: patch, contentType, signal: options.signal })) as T
    },

    async delete<T extends KubeObject>(ref: ResourceRef<T>, key: ObjectKey, options: DeleteOptions = {}) {
      const path = resourcePath(ref, { ...scoped(ref, key.namespace), name: key.name })
      await request({ method: 'DELETE', path, body: deleteBody(options), signal: options.signal })
    },

    async deleteCollection<T extends KubeObject>(ref: ResourceRef<T>, list: ListOptions, options: DeleteOptions = {}) {
      const path = resourcePath(ref, scoped(ref, list.namespace))
      const signal = options.signal ?? list.signal
      await request({ method: 'DELETE', path, query: listQuery(list), body: deleteBody(options), signal })
    },
  }
}

interface GetOptions {
  readonly subresource?: string
  readonly signal?: AbortSignal
}

function scoped(ref: ResourceRef, namespace: string | undefined): { namespace?: string } {
  return ref.namespaced && namespace ? { namespace } : {}
}

function listQuery(options: ListOptions): Query {
  return {
    labelSelector: options.labelSelector || undefined,
    fieldSelector: options.fieldSelector || undefined,
    resourceVersion: options.resourceVersion || undefined,
    resourceVersionMatch: options.resourceVersionMatch,
    limit: options.limit ? String(options.limit) : undefined,
    continue: options.continue || undefined,
  }
}

function watchQuery(options: WatchOptions): Query {
  return {
    ...listQuery(options),
    allowWatchBookmarks: options.allowWatchBookmarks ? 'true' : undefined,
    sendInitialEvents: options.sendInitialEvents === undefined ? undefined : String(options.sendInitialEvents),
    timeoutSeconds: options.timeoutSeconds === undefined ? undefined : String(options.timeoutSeconds),
  }
}

function writeQuery(options: WriteOptions): Query {
  return { dryRun: options.dryRun ? 'All' : undefined, fieldManager: options.fieldManager }
}

function deleteBody(options: DeleteOptions): object {
  const { propagationPolicy, gracePeriodSeconds, preconditions } = options
  const dryRun = options.dryRun ? ['All'] : undefined
  return { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, gracePeriodSeconds, preconditions, dryRun }
}
