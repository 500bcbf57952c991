import type { CrossVersionObjectReference } from '../../api/types.generated.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { resourcePath } from '../../client/resource-path.ts'
import type { Transport } from '../../client/transport.ts'
import { isReason } from '../../machinery/errors.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import { parseApiVersion } from '../../machinery/meta/object.ts'
import { quantityMilliValue } from '../../machinery/quantity.ts'
import { timeOf } from '../pods/pod-state.ts'

/** What was measured of one pod, in thousandths. */
export interface PodMetric {
  readonly value: number
  /** Epoch milliseconds. */
  readonly time: number
  readonly windowMs: number
}

export type PodMetrics = ReadonlyMap<string, PodMetric>

interface PodMetricsItem {
  readonly metadata: { readonly name?: string }
  readonly timestamp?: string
  readonly window?: string
  readonly containers?: readonly { readonly name: string; readonly usage?: Readonly<Record<string, string>> }[]
}
interface MetricValue {
  readonly describedObject?: { readonly name?: string }
  readonly timestamp?: string
  readonly windowSeconds?: number
  readonly value: string
}

const customGroup = 'custom.metrics.k8s.io'
const defaultWindowMs = 60_000

/** Reads the metrics APIs, of which others serve what they measure (podautoscaler/metrics/client.go). */
export class MetricsClient {
  readonly #transport: Transport
  /** How references name kinds, and paths resources. */
  readonly #resourceOf: (apiVersion: string, kind: string) => Promise<ResourceRef>

  constructor(transport: Transport, resourceOf: (apiVersion: string, kind: string) => Promise<ResourceRef>) {
    this.#transport = transport
    this.#resourceOf = resourceOf
  }

  /** Usage of a resource by each pod, or by one container of it. Pods of which it is not known are left out. */
  async resource(
    resource: string,
    namespace: string,
    selector: string,
    container: string | undefined,
  ): Promise<PodMetrics> {
    const path = resourcePath({ group: 'metrics.k8s.io', version: 'v1beta1', resource: 'pods' }, { namespace })
    const items = await this.#items<PodMetricsItem>('resource', path, { labelSelector: selector })
    const found = new Map<string, PodMetric>()
    for (const { metadata, timestamp, window, containers = [] } of items) {
      const counted = container === undefined ? containers : containers.filter(({ name }) => name === container)
      const values = counted.map(({ usage }) => usage?.[resource])
      if (values.length === 0 || values.includes(undefined)) continue
      const value = values.reduce((sum, text) => sum + quantityMilliValue(text!), 0)
      const windowMs = window === undefined ? 0 : parseGoDuration(window) / 1e6
      found.set(metadata.name ?? '', { value, time: timeOf(timestamp) ?? 0, windowMs })
    }
    return found
  }
  /** Some metric of each pod. */
  async pods(metric: string, namespace: string, selector: string, metricSelector: string): Promise<PodMetrics> {
    const path = `${await this.#customRoot()}/namespaces/${namespace}/pods/*/${metric}`
    const query = { labelSelector: selector, metricLabelSelector: metricSelector }
    const items = await this.#items<MetricValue>('custom', path, query)
    return new Map(
      items.map(({ describedObject, timestamp, windowSeconds, value }) => [
        describedObject?.name ?? '',
        {
          value: quantityMilliValue(value),
          time: timeOf(timestamp) ?? 0,
          windowMs: windowSeconds === undefined ? defaultWindowMs : windowSeconds * 1000,
        },
      ]),
    )
  }
  /** A metric of any object, in thousandths. */
  async object(
    metric: string,
    namespace: string,
    { apiVersion = '', kind, name }: CrossVersionObjectReference,
    metricSelector: string,
  ): Promise<number> {
    const root = `${await this.#customRoot()}/namespaces/${namespace}`
    let path = `${root}/metrics/${metric}`
    if (kind !== 'Namespace' || parseApiVersion(apiVersion).group !== '') {
      const { group, resource } = await this.#resourceOf(apiVersion, kind)
      path = `${root}/${group === '' ? resource : `${resource}.${group}`}/${name}/${metric}`
    }
    const [item] = await this.#items<MetricValue>('custom', path, { metricLabelSelector: metricSelector })
    return quantityMilliValue(item!.value)
  }
  /** The values of a metric from outside the cluster, in thousandths. */
  async external(metric: string, namespace: string, selector: string): Promise<readonly number[]> {
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metric}`
    const items = await this.#items<MetricValue>('external', path, { labelSelector: selector })
    return items.map(({ value }) => quantityMilliValue(value))
  }

  async #items<Item>(api: string, path: string, query: Readonly<Record<string, string>>): Promise<readonly Item[]> {
    const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
    let items: readonly Item[]
    try {
      const { body } = await this.#transport.request({ method: 'GET', path, query: given })
      items = (body as { items?: readonly Item[] }).items ?? []
    } catch (error) {
      throw new Error(`unable to fetch metrics from ${api} metrics API: ${messageOf(error)}`, { cause: error })
    }
    if (items.length === 0) throw new Error(`no metrics returned from ${api} metrics API`)
    return items
  }
  async #customRoot(): Promise<string> {
    try {
      const { body } = await this.#transport.request({ method: 'GET', path: `/apis/${customGroup}` })
      const { versions = [] } = body as { versions?: readonly { readonly version: string }[] }
      const known = ['v1beta2', 'v1beta1'].find((version) => versions.some((served) => served.version === version))
      return `/apis/${customGroup}/${known ?? 'v1beta2'}`
    } catch (error) {
      if (isReason(error, 'NotFound')) return `/apis/${customGroup}/v1beta2`
      throw new Error(`unable to fetch metrics from custom metrics API: ${messageOf(error)}`, { cause: error })
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
