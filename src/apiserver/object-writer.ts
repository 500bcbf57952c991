import type { ResourceRef } from '../api/definition.ts'
import type { KubeObject } from '../machinery/meta/object.ts'

/**
 * Writes of the server on its own behalf, as system:apiserver in system:masters, through defaults, validation and
 * storage like any other (upstream's loopback client). Throws ApiError.
 */
export interface ObjectWriter {
  create<T extends KubeObject>(ref: ResourceRef<T>, object: T, options?: { fieldManager?: string }): Promise<T>
  /** `object` carries the resourceVersion that it was made from. */
  update<T extends KubeObject>(
    ref: ResourceRef<T>,
    object: T,
    options?: { subresource?: string; fieldManager?: string },
  ): Promise<T>
  /** Server-side apply. */
  patch<T extends KubeObject>(
    ref: ResourceRef<T>,
    key: { namespace?: string; name: string },
    type: 'apply',
    configuration: unknown,
    options: { subresource?: string; fieldManager: string; force: boolean },
  ): Promise<T>
  delete<T extends KubeObject>(ref: ResourceRef<T>, key: { namespace?: string; name: string }): Promise<void>
}
