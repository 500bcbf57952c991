import type {
  HorizontalPodAutoscaler,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  Pod,
} from '../../api/types.generated.ts'
import { formatLabelSelector, goLabelSelector } from '../../machinery/labels/index.ts'
import { formatQuantity, milliQuantityOf, quantityMilliValue } from '../../machinery/quantity.ts'
import type { MetricsClient, PodMetrics } from './metrics-client.ts'
import { isWithin, type Proposal, ratioReplicas, type Tolerance, utilizationReplicas, valueReplicas } from './usage.ts'

export interface MetricProposal {
  readonly replicas: number
  /** How messages call the metric. */
  readonly metric: string
  readonly status: MetricStatus
}

/** A metric of which no replicas follow. */
export class MetricFailure extends Error {
  override readonly name = 'MetricFailure'
  /** Of the event and of the condition ScalingActive. */
  readonly reason: string
  /** What they say; the error's own message tells which metric it was. */
  readonly detail: string

  constructor(reason: string, detail: string, message: string) {
    super(message)
    this.reason = reason
    this.detail = detail
  }
}

export interface Target {
  readonly autoscaler: HorizontalPodAutoscaler
  readonly specReplicas: number
  readonly statusReplicas: number
  /** As the scale subresource gives it. */
  readonly selector: string
  readonly pods: readonly Pod[]
  readonly tolerance: Tolerance
  readonly now: number
}

/** How many replicas one metric asks for (horizontal.go computeReplicasForMetric). */
export async function proposalOf(client: MetricsClient, spec: MetricSpec, target: Target): Promise<MetricProposal> {
  const fail = (reason: string, prefix: string) => (error: unknown) => {
    const detail = error instanceof Error ? error.message : String(error)
    throw new MetricFailure(reason, detail, `${prefix}: ${detail}`)
  }
  switch (spec.type) {
    case 'Resource': {
      const { name, target: goal } = spec.resource!
      const prefix = `failed to get ${name} resource metric value`
      return resource(client, name, undefined, goal, target)
        .then(({ current, ...rest }) => ({ ...rest, status: { type: spec.type, resource: { name, current } } }))
        .catch(fail('FailedGetResourceMetric', prefix))
    }
    case 'ContainerResource': {
      const { name, container, target: goal } = spec.containerResource!
      const prefix = `failed to get ${container} container metric value`
      return resource(client, name, container, goal, target)
        .then(({ current, ...rest }) => {
          const containerResource = { name, container, current }
          return { ...rest, status: { type: spec.type, containerResource } }
        })
        .catch(fail('FailedGetContainerResourceMetric', prefix))
    }
    case 'Pods':
      return podsMetric(client, spec, target).catch(fail('FailedGetPodsMetric', 'failed to get pods metric value'))
    case 'Object':
      return objectMetric(client, spec, target).catch(
        fail('FailedGetObjectMetric', 'failed to get object metric value'),
      )
    case 'External': {
      const prefix = `failed to get ${spec.external!.metric.name} external metric value`
      return externalMetric(client, spec, target).catch(fail('FailedGetExternalMetric', prefix))
    }
    default: {
      const message = `unknown metric source type "${spec.type}"`
      throw new MetricFailure('InvalidMetricSourceType', message, message)
    }
  }
}

async function resource(
  client: MetricsClient,
  name: string,
  container: string | undefined,
  goal: MetricTarget,
  target: Target,
): Promise<Omit<MetricProposal, 'status'> & { readonly current: MetricValueStatus }> {
  const { autoscaler, selector } = target
  const read = () =>
    client.resource(name, autoscaler.metadata.namespace ?? '', selector, container).catch((error: Error) => {
      throw new Error(`unable to get metrics for resource ${name}: ${error.message}`)
    })
  const wrapped = async (what: string, count: (metrics: PodMetrics) => Proposal) => {
    try {
      return count(await read())
    } catch (error) {
      throw new Error(`failed to get ${name} ${what}: ${(error as Error).message}`, { cause: error })
    }
  }
  const common = { ...target, currentReplicas: target.specReplicas, resource: name }
  if (goal.averageValue !== undefined) {
    const wanted = quantityMilliValue(goal.averageValue)
    const found = await wrapped('usage', (metrics) => valueReplicas({ ...common, metrics, target: wanted }))
    const current = { averageValue: amount(found.usage, name) }
    return { replicas: found.replicas, metric: `${name} resource`, current }
  }
  const wanted = goal.averageUtilization
  if (wanted === undefined) {
    throw new Error(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    )
  }
  const found = await wrapped('utilization', (metrics) =>
    utilizationReplicas({ ...common, container, metrics, target: wanted }),
  )
  const what = container === undefined ? 'resource' : 'container resource'
  return {
    replicas: found.replicas,
    metric: `${name} ${what} utilization (percentage of request)`,
    current: { averageUtilization: found.utilization, averageValue: amount(found.usage, name) },
  }
}

async function podsMetric(client: MetricsClient, spec: MetricSpec, target: Target): Promise<MetricProposal> {
  const { metric, target: goal } = spec.pods!
  const namespace = target.autoscaler.metadata.namespace ?? ''
  const metrics = await client
    .pods(metric.name, namespace, target.selector, selectorText(metric))
    .catch((error: Error) => {
      throw new Error(`unable to get metric ${metric.name}: ${error.message}`)
    })
  const { replicas, usage } = valueReplicas({
    ...target,
    currentReplicas: target.specReplicas,
    metrics,
    resource: undefined,
    target: quantityMilliValue(goal.averageValue ?? '0'),
  })
  const current = { averageValue: amount(usage) }
  return { replicas, metric: `pods metric ${metric.name}`, status: { type: spec.type, pods: { metric, current } } }
}

async function objectMetric(client: MetricsClient, spec: MetricSpec, target: Target): Promise<MetricProposal> {
  const { describedObject, metric, target: goal } = spec.object!
  const namespace = target.autoscaler.metadata.namespace ?? ''
  const { kind, name } = describedObject
  const status = (current: MetricValueStatus) => ({ type: spec.type, object: { describedObject, metric, current } })
  const read = () =>
    client.object(metric.name, namespace, describedObject, selectorText(metric)).catch((error: Error) => {
      throw new Error(`unable to get metric ${metric.name} on ${kind} ${namespace}/${name}: ${error.message}`)
    })
  if (goal.type === 'Value' && goal.value !== undefined) {
    const usage = await read()
    const { replicas, value } = byRatio(usage, goal.value, target)
    return { replicas, metric: `${kind} metric ${metric.name}`, status: status({ value }) }
  }
  if (goal.type === 'AverageValue' && goal.averageValue !== undefined) {
    const usage = await read().catch((error: Error) => {
      throw new Error(`failed to get ${metric.name} object metric: ${error.message}`)
    })
    const { replicas, averageValue } = perPod(usage, goal.averageValue, target)
    return { replicas, metric: externalName(metric), status: status({ averageValue }) }
  }
  throw new Error('invalid object metric source: neither a value target nor an average value target was set')
}

async function externalMetric(client: MetricsClient, spec: MetricSpec, target: Target): Promise<MetricProposal> {
  const { metric, target: goal } = spec.external!
  const namespace = target.autoscaler.metadata.namespace ?? ''
  const status = (current: MetricValueStatus) => ({ type: spec.type, external: { metric, current } })
  const read = async (prefix: string) => {
    try {
      const values = await client.external(metric.name, namespace, selectorText(metric))
      return values.reduce((sum, value) => sum + value, 0)
    } catch (error) {
      const what = `${namespace}/${metric.name}/${goLabelSelector(metric.selector)}`
      throw new Error(`${prefix}: unable to get external metric ${what}: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }
  if (goal.averageValue !== undefined) {
    const usage = await read(`failed to get ${metric.name} external metric`)
    const { replicas, averageValue } = perPod(usage, goal.averageValue, target)
    return { replicas, metric: externalName(metric), status: status({ averageValue }) }
  }
  if (goal.value !== undefined) {
    const usage = await read(`failed to get external metric ${metric.name}`)
    const { replicas, value } = byRatio(usage, goal.value, target)
    return { replicas, metric: externalName(metric), status: status({ value }) }
  }
  throw new Error('invalid external metric source: neither a value target nor an average value target was set')
}

function byRatio(usage: number, goal: string, { specReplicas, tolerance, pods }: Target) {
  const ratio = usage / quantityMilliValue(goal)
  return {
    replicas: ratioReplicas({ currentReplicas: specReplicas, ratio, tolerance, pods }),
    value: amount(usage),
  }
}

function perPod(usage: number, goal: string, { statusReplicas, tolerance }: Target) {
  const each = quantityMilliValue(goal)
  // Without pods any use at all is above the target.
  const ratio = usage / (each * statusReplicas)
  const replicas = isWithin(tolerance, ratio) ? statusReplicas : Math.min(Math.ceil(usage / each), 0x7fffffff)
  const average = statusReplicas === 0 ? usage : Math.ceil(usage / statusReplicas)
  return { replicas, averageValue: amount(average) }
}

function amount(milli: number, resourceName?: string): string {
  return formatQuantity(milliQuantityOf(milli, resourceName === 'memory' ? 'BinarySI' : 'DecimalSI'))
}

function externalName(metric: MetricIdentifier): string {
  return `external metric ${metric.name}(${goLabelSelector(metric.selector)})`
}

function selectorText({ selector }: MetricIdentifier): string {
  const text = selector === undefined ? '' : formatLabelSelector(selector)
  return text === '<none>' ? '' : text
}
