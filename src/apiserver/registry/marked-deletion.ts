import { formatTime, type Clock } from '../../machinery/clock.ts'
import { conflict, notFound } from '../../machinery/errors.ts'
import { jsonClone, type Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import type { DeleteOptions, DeleteResult } from './deletion.ts'
import type { RegistryHooks } from './registry-hooks.ts'

export interface MarkedDeletion {
  readonly on: { readonly group: string; readonly resource: string }
  /** Upstream writes it so in one place and so in the other. */
  readonly refusal: 'Precondition failed' | 'precondition failed'
  /** The answer to another DELETE; undefined: the ordinary way goes on. */
  readonly again: (existing: StoredObject) => DeleteResult | undefined
  /** Says in the object that its end has begun; the time is set already. `now` as the API writes it. */
  readonly mark: (draft: Draft<KubeObject>, options: DeleteOptions, now: string) => void
}

/**
 * How kinds are deleted whose objects hold others: the first DELETE marks the object, a controller empties it, and the update that
 * takes the last finalizer off removes it.
 */
export function markedDeletion(clock: Clock, kind: MarkedDeletion): NonNullable<RegistryHooks['beginDelete']> {
  return async (registry, existing, options, validate, scope) => {
    const { metadata } = existing.object
    checkPreconditions(existing.object, options, kind)
    if (metadata.deletionTimestamp) return kind.again(existing)
    const preconditions = { ...options.preconditions, uid: metadata.uid }
    const result = await registry.storage.guaranteedUpdate(
      existing.key,
      { dryRun: scope.dryRun, preconditions },
      async (current) => {
        if (current === undefined) throw notFound(kind.on, metadata.name ?? '')
        await validate(current.object)
        const now = formatTime(clock.now())
        const draft = jsonClone(current.object) as Draft<KubeObject>
        draft.metadata.deletionTimestamp ??= now
        kind.mark(draft, options, now)
        return { object: registry.canonical(draft) }
      },
    )
    return { result, deleted: false }
  }
}

function checkPreconditions(
  { metadata }: KubeObject,
  { preconditions }: DeleteOptions,
  { on, refusal }: MarkedDeletion,
): void {
  for (const [words, field] of [
    ['UID', 'uid'],
    ['ResourceVersion', 'resourceVersion'],
  ] as const) {
    const asked = preconditions?.[field]
    if (asked === undefined || asked === metadata[field]) continue
    const why = `${words} in precondition: ${asked}, ${words} in object meta: ${metadata[field]}`
    throw conflict(on, metadata.name ?? '', `${refusal}: ${why}`)
  }
}
