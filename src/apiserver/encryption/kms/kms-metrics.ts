import { status } from '@grpc/grpc-js'
import type { Clock } from '../../../machinery/clock.ts'
import type { Counter, Family, Gauge, Histogram, MetricsRegistry } from '../../../machinery/metrics.ts'
import type { KmsClient } from './kms-client.ts'

const exponential = (first: number, count: number) => Array.from({ length: count }, (_, at) => first * 2 ** at)

/** What plugins that hold keys are asked, and keys that are made (apiserver pkg/storage/value/encrypt/envelope/metrics). */
export class KmsMetrics {
  readonly #clock: Clock
  readonly #operations: Family<Histogram>
  readonly #cached: Family<Gauge>
  readonly #filled: Gauge
  readonly #misses: Counter
  readonly #keys: Histogram

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#clock = clock
    this.#operations = metrics.histogram(
      'apiserver_envelope_encryption_kms_operations_latency_seconds',
      'Time of calls of plugins that hold keys.',
      exponential(0.0001, 20),
      ['provider_name', 'method_name', 'grpc_status_code'],
    )
    this.#cached = metrics.gauge('apiserver_envelope_encryption_dek_source_cache_size', 'Keys that are remembered.', [
      'provider_name',
    ])
    this.#filled = metrics
      .gauge(
        'apiserver_envelope_encryption_dek_cache_fill_percent',
        'Which part of the room for keys of version 1 is taken.',
      )
      .labels()
    this.#misses = metrics
      .counter(
        'apiserver_storage_envelope_transformation_cache_misses_total',
        'Keys that a plugin had to be asked for.',
      )
      .labels()
    this.#keys = metrics
      .histogram(
        'apiserver_storage_data_key_generation_duration_seconds',
        'Time of making keys.',
        exponential(5e-6, 14),
      )
      .labels()
  }

  /** The plugin of this name, with its calls measured. */
  measured(name: string, client: KmsClient): KmsClient {
    const timed = async <Answer>(method: string, call: () => Promise<Answer>): Promise<Answer> => {
      const began = this.#clock.monotonic()
      let code = 'OK'
      try {
        return await call()
      } catch (error) {
        code = codeOf(error)
        throw error
      } finally {
        const seconds = (this.#clock.monotonic() - began) / 1000
        this.#operations.labels(name, `/v2.KeyManagementService/${method}`, code).observe(seconds)
      }
    }
    return {
      status: () => timed('Status', () => client.status()),
      encrypt: (plaintext, uid) => timed('Encrypt', () => client.encrypt(plaintext, uid)),
      decrypt: (request) => timed('Decrypt', () => client.decrypt(request)),
      close: () => client.close(),
    }
  }

  remembered(name: string, keys: number): void {
    this.#cached.labels(name).set(keys)
  }
  /** Of version 1: how full its cache is, 0 to 1. */
  filled(part: number): void {
    this.#filled.set(part)
  }
  missed(): void {
    this.#misses.inc()
  }
  made<Key>(make: () => Key): Key {
    const began = this.#clock.monotonic()
    const key = make()
    this.#keys.observe((this.#clock.monotonic() - began) / 1000)
    return key
  }
}

/** `DEADLINE_EXCEEDED` as Go writes it: `DeadlineExceeded`. */
function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  const name = typeof code === 'number' ? (status[code] ?? 'UNKNOWN') : 'UNKNOWN'
  return name
    .split('_')
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join('')
}
