import type { ResourceDefinition } from '../../api/definition.ts'
import type { UserInfo } from '../../api/user.ts'
import type { Draft } from '../../machinery/json.ts'
import type { GroupVersionKind, GroupVersionResource, KubeObject } from '../../machinery/meta/object.ts'

import type { TraceContext } from '../../machinery/tracing/trace-context.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** A request as admission sees it (apiserver pkg/admission Attributes). */
export interface AdmissionAttributes {
  readonly operation: Operation
  /** The trace that the request belongs to, for whom admission asks. */
  readonly trace?: TraceContext
  readonly kind: GroupVersionKind
  readonly resource: GroupVersionResource
  /** '' for the main resource. */
  readonly subresource: string
  /** The definition of the resource (of the parent for a subresource). */
  readonly definition: ResourceDefinition
  /** May be '' on CREATE with generateName. */
  readonly name: string
  readonly namespace: string
  /**
   * CREATE, UPDATE: the new object; in `mutate` it is a private draft that may be changed in place, in `validate` it must
   * not be changed. CONNECT: the options. DELETE: absent.
   */
  readonly object?: Draft<KubeObject>
  /** UPDATE, DELETE: the stored object, frozen. */
  readonly oldObject?: KubeObject
  readonly user: UserInfo
  readonly dryRun: boolean
  /** CreateOptions, UpdateOptions, PatchOptions, DeleteOptions as sent. */
  readonly options: Readonly<Record<string, unknown>>
  /** Adds a `Warning` header to the answer. */
  warn(text: string): void
  /** Adds an annotation `<plugin>/<key>` to the audit event. */
  annotate(key: string, value: string, level?: 'Request'): void
}

/**
 * Changes or refuses writes. Throws an ApiError to refuse (usually `forbidden(...)`). All `mutate`s run in the order of
 * the list, defaults are applied again, the object is validated, then all `validate`s run.
 */
export interface AdmissionPlugin {
  readonly name: string
  handles(operation: Operation): boolean
  mutate?(attributes: AdmissionAttributes): void | Promise<void>
  validate?(attributes: AdmissionAttributes): void | Promise<void>
}
