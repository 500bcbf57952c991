import type { Client } from '../../client/client.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import type { CertificateStore } from './certificate-store.ts'
import type { KeyPair } from './key-pair.ts'
import { requestCertificate } from './request-certificate.ts'
import { type CertificateWish, rotationDeadline, satisfies } from './rotation.ts'

/**
 * Keeps one certificate of a kubelet good: asks for the first, and for its successor before it ends or when it no longer
 * names what it should (client-go util/certificate certificate_manager.go).
 */
export interface CertificateManager {
  /** What is to be shown; undefined while there is none, or when it has expired. */
  current(): KeyPair | undefined
  /** The first that is there. */
  available(): Promise<KeyPair>
  /** Told of each new one, at once of that which is there. The result ends it. */
  subscribe(listener: (pair: KeyPair) => void): () => void
  /** What it should name may have changed. */
  recheck(): void
  start(): void
  stop(): Promise<void>
}

export interface CertificateManagerOptions {
  readonly signerName: string
  readonly usages: readonly string[]
  /** Undefined: nothing can be asked for yet. */
  readonly wish: () => CertificateWish | undefined
  readonly store: CertificateStore
  /** Who asks; `current` is undefined as long as there is no certificate that holds. */
  readonly clientFor: (current: KeyPair | undefined) => Client
  /** Whether a stored certificate is still of this cluster; default: any is. */
  readonly trusted?: (pair: KeyPair) => boolean
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics?: { readonly renewFailed: () => void; readonly rotated: (ageSeconds: number) => void }
}

/** Attempts before the pace is steady, and the pause after the first of them. */
const attempts = { count: 5, firstMs: 2_000, steadyMs: 32_000 } as const
/** For so long an answer is waited for before another request is made. */
const answerMs = 15 * 60_000
/** Timers stand still while a machine sleeps; the time of day does not. */
const lookMs = 3_600_000
/** A certificate that is old when it comes is not answered by asking all the time. */
const restMs = 1_000

export function createCertificateManager(options: CertificateManagerOptions): CertificateManager {
  const { signerName, usages, wish, store, clientFor, clock, random, log, metrics } = options
  const stored = store.load()
  const valid = (pair: KeyPair) => clock.now() < pair.certificate.notAfter
  let pair = stored !== undefined && valid(stored) && (options.trusted?.(stored) ?? true) ? stored : undefined
  let deadline = pair && rotationDeadline(pair.certificate, random)
  const listeners = new Set<(pair: KeyPair) => void>()
  const stopped = new AbortController()
  let running: Promise<void> | undefined
  let wake = () => {}
  let pending: { readonly wish: CertificateWish; readonly abort: AbortController } | undefined
  const first = Promise.withResolvers<KeyPair>()
  first.promise.catch(() => {})
  if (pair !== undefined) first.resolve(pair)

  const current = () => (pair !== undefined && valid(pair) ? pair : undefined)
  const satisfied = () => {
    const wanted = wish()
    return pair !== undefined && (wanted === undefined || satisfies(pair.certificate, wanted))
  }
  /** Until then, or until somebody wakes it. */
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, () => wake())
      wake = () => {
        cancel()
        wake = () => {}
        resolve()
      }
      if (stopped.signal.aborted) wake()
    })

  const adopt = (next: KeyPair) => {
    const old = pair
    store.save(next)
    pair = next
    deadline = rotationDeadline(next.certificate, random)
    if (old !== undefined) metrics?.rotated((clock.now() - old.certificate.notBefore) / 1000)
    log.info('certificate issued', { signerName, notAfter: new Date(next.certificate.notAfter).toISOString() })
    first.resolve(next)
    for (const listener of listeners) listener(next)
  }

  /** Whether a new one is there. */
  const rotate = async (wanted: CertificateWish): Promise<boolean> => {
    const abort = new AbortController()
    pending = { wish: wanted, abort }
    const cancel = clock.after(answerMs, () => abort.abort(new Error('nobody has answered the request')))
    try {
      const signal = AbortSignal.any([stopped.signal, abort.signal])
      adopt(await requestCertificate({ client: clientFor(current()), signerName, usages, wish: wanted, signal }))
      return true
    } catch (error) {
      if (stopped.signal.aborted) return false
      metrics?.renewFailed()
      log.warn('no certificate was issued', { signerName, error })
      return false
    } finally {
      cancel()
      pending = undefined
    }
  }

  const run = async () => {
    let failures = 0
    while (!stopped.signal.aborted) {
      const wanted = wish()
      const due = satisfied() ? (deadline ?? 0) : 0
      if (wanted === undefined || due > clock.now()) {
        await pause(Math.min(lookMs, wanted === undefined ? lookMs : due - clock.now()))
      } else if (await rotate(wanted)) {
        failures = 0
        await pause(restMs)
      } else {
        const grown = attempts.firstMs * 2 ** failures * (1 + 0.1 * random.float())
        failures++
        await pause(failures < attempts.count ? grown : attempts.steadyMs)
      }
    }
  }

  return {
    current,
    available: () => first.promise,
    subscribe(listener) {
      listeners.add(listener)
      const now = current()
      if (now !== undefined) listener(now)
      return () => void listeners.delete(listener)
    },
    recheck() {
      if (satisfied()) return
      const wanted = wish()
      // A request that asks for something else now is not waited for.
      if (pending !== undefined && JSON.stringify(pending.wish) !== JSON.stringify(wanted))
        pending.abort.abort(new Error('something else is asked for now'))
      wake()
    },
    start() {
      running ??= run()
    },
    async stop() {
      stopped.abort(new Error('the kubelet stops'))
      wake()
      first.reject(new Error('the kubelet stops'))
      await running
    },
  }
}
