import type { KubeObject } from '../../machinery/meta/object.ts'

export type EventType = 'Normal' | 'Warning'

/** Points at an object (core/v1 ObjectReference). */
export interface ObjectReference {
  readonly kind?: string
  readonly apiVersion?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly fieldPath?: string
}

/** Tells users what happened to an object. Never waits, never fails: what cannot be written is dropped and logged. */
export interface EventRecorder {
  event(
    about: KubeObject | ObjectReference,
    type: EventType,
    reason: string,
    message: string,
    annotations?: Readonly<Record<string, string>>,
  ): void
  /** Everything recorded so far has been written, or given up. */
  flushed(): Promise<void>
  /** Drops what has not been written. */
  stop(): void
}

export function referenceTo(about: KubeObject | ObjectReference): ObjectReference {
  if (!('metadata' in about)) return about
  const { apiVersion, kind, metadata } = about
  const { namespace, name, uid, resourceVersion } = metadata
  return { kind, namespace, name, uid, apiVersion, resourceVersion }
}

/** `name.hex`, or a UUID where that would be no valid name (client-go tools/record/util GenerateEventName). */
export function eventName(refName: string, unixNano: bigint, uuid: () => string): string {
  const name = `${refName}.${unixNano.toString(16)}`
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)
    ? name
    : uuid()
}
