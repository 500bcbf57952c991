import type { ResourceRef } from '../api/definition.ts'
import { resourcePath } from '../client/resource-path.ts'
import type { Transport } from '../client/transport.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { ObjectWriter } from './object-writer.ts'

/** The server's own writes over a transport of its own: the ordinary way, as `system:apiserver`. */
export function createTransportWriter(transport: Transport): ObjectWriter {
  return {
    async create<T extends KubeObject>(ref: ResourceRef<T>, object: T, options: { fieldManager?: string } = {}) {
      const path = resourcePath(ref, { namespace: namespaceOf(ref, object) })
      return (await transport.request({ method: 'POST', path, query: queryOf(options), body: object })).body as T
    },
    async update<T extends KubeObject>(
      ref: ResourceRef<T>,
      object: T,
      options: { subresource?: string; fieldManager?: string } = {},
    ) {
      const { name = '' } = object.metadata
      const path = resourcePath(ref, { namespace: namespaceOf(ref, object), name, subresource: options.subresource })
      return (await transport.request({ method: 'PUT', path, query: queryOf(options), body: object })).body as T
    },
    async patch<T extends KubeObject>(
      ref: ResourceRef<T>,
      { namespace, name }: { namespace?: string; name: string },
      _type: 'apply',
      configuration: unknown,
      { subresource, fieldManager, force }: { subresource?: string; fieldManager: string; force: boolean },
    ) {
      const path = resourcePath(ref, { namespace, name, subresource })
      const query = { fieldManager, force: String(force) }
      const contentType = 'application/apply-patch+yaml'
      return (await transport.request({ method: 'PATCH', path, query, contentType, body: configuration })).body as T
    },
    async delete(ref, { namespace, name }) {
      await transport.request({ method: 'DELETE', path: resourcePath(ref, { namespace, name }) })
    },
  }
}

function queryOf({ fieldManager }: { fieldManager?: string }): Record<string, string> | undefined {
  return fieldManager === undefined ? undefined : { fieldManager }
}

function namespaceOf(ref: ResourceRef, object: KubeObject): string | undefined {
  return ref.namespaced ? object.metadata.namespace : undefined
}
