import { secrets } from '../../api/core/v1/secret.ts'
import type { Secret } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { ObjectWriter } from '../object-writer.ts'

const lastUsed = 'kubernetes.io/legacy-token-last-used'
const dayMs = 24 * 3600 * 1000

/** `2026-11-21`, in UTC. */
export function dateOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}

/** Notes on a Secret, once a day, that its token was used (pkg/serviceaccount/legacy.go patchSecretWithLastUsedDate). */
export function noteLegacyTokenUse(options: {
  readonly writer: ObjectWriter
  readonly clock: Clock
  readonly log: Logger
}): (secret: KubeObject) => void {
  const { writer, clock, log } = options
  const noting = new Set<string>()
  return (secret) => {
    const { labels, uid = '' } = secret.metadata
    const today = dateOf(clock.now())
    // Another server's clock may be ahead.
    const known = labels?.[lastUsed]
    if (known === today || known === dateOf(clock.now() + dayMs) || noting.has(uid)) return
    noting.add(uid)
    const noted = { ...secret, metadata: { ...secret.metadata, labels: { ...labels, [lastUsed]: today } } } as Secret
    writer
      .update(secrets, noted)
      .catch((error: unknown) => {
        if (!isReason(error, 'Conflict', 'NotFound')) log.warn('the use of a token was not noted', { error })
      })
      .finally(() => noting.delete(uid))
  }
}
