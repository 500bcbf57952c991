import { internalForm } from '../../internal-form.ts'
import { isObject } from '../../../machinery/json.ts'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerV1,
  MetricSpec,
  MetricSpecV1,
  MetricStatusV1,
} from '../../types.generated.ts'
import { metricFromV1, metricStatusFromV1, metricStatusToV1, metricToV1 } from './metric-conversion.ts'

/**
 * v1 knows only the utilization of CPU; the rest of a v2 autoscaler travels in annotations
 * (pkg/apis/autoscaling/v1/conversion.go).
 */
const prefix = 'autoscaling.alpha.kubernetes.io/'
const metricsAnnotation = `${prefix}metrics`
const currentMetricsAnnotation = `${prefix}current-metrics`
const conditionsAnnotation = `${prefix}conditions`
const behaviorAnnotation = `${prefix}behavior`
const roundTrip = [
  metricsAnnotation,
  currentMetricsAnnotation,
  conditionsAnnotation,
  behaviorAnnotation,
  `${prefix}scale-down-tolerance`,
  `${prefix}scale-up-tolerance`,
]

const behaviorDefinition = 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior'

const defaultCpuUtilization = 80

function cpuUtilization(metric: MetricSpec): number | undefined {
  if (metric.type !== 'Resource' || metric.resource?.name !== 'cpu') return undefined
  return metric.resource.target.averageUtilization
}

function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }
}

function withoutRoundTrip(annotations: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([name]) => !roundTrip.includes(name)))
}

export function toV1(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { spec, status } = autoscaler
  const metrics = spec?.metrics ?? []
  const annotations = withoutRoundTrip(autoscaler.metadata.annotations)
  const others = metrics.filter((metric) => cpuUtilization(metric) === undefined)
  if (others.length > 0) annotations[metricsAnnotation] = JSON.stringify(others.map(metricToV1))
  const current = status?.currentMetrics ?? []
  if (current.length > 0) annotations[currentMetricsAnnotation] = JSON.stringify(current.map(metricStatusToV1))
  if (spec?.behavior !== undefined)
    annotations[behaviorAnnotation] = JSON.stringify(internalForm(behaviorDefinition, spec.behavior))
  if ((status?.conditions ?? []).length > 0) annotations[conditionsAnnotation] = JSON.stringify(status!.conditions)
  const { annotations: _, ...metadata } = autoscaler.metadata
  const { metrics: __, behavior: ___, ...rest } = spec
  const utilization = metrics.map(cpuUtilization).find((value) => value !== undefined)
  const cpu = current.findLast(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu')
  const currentUtilization = cpu?.resource?.current.averageUtilization
  return {
    ...autoscaler,
    apiVersion: 'autoscaling/v1',
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { ...rest, ...(utilization === undefined ? {} : { targetCPUUtilizationPercentage: utilization }) },
    status: {
      ...(status?.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
      ...(status?.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
      currentReplicas: status?.currentReplicas ?? 0,
      desiredReplicas: status?.desiredReplicas ?? 0,
      ...(currentUtilization === undefined ? {} : { currentCPUUtilizationPercentage: currentUtilization }),
    },
  }
}

export function fromV1(autoscaler: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { spec, status } = autoscaler
  const { annotations = {}, ...metadata } = autoscaler.metadata
  const { targetCPUUtilizationPercentage: utilization, ...rest } = spec
  const own = utilization === undefined ? [] : [cpuMetric(utilization)]
  const metrics = [...(parsed<MetricSpecV1[]>(annotations[metricsAnnotation]) ?? []).map(metricFromV1), ...own]
  const behavior = parsed<object>(annotations[behaviorAnnotation])
  const { currentCPUUtilizationPercentage: currentUtilization, ...statusRest } = status ?? { desiredReplicas: 0 }
  const currentMetrics =
    parsed<MetricStatusV1[]>(annotations[currentMetricsAnnotation])?.map(metricStatusFromV1) ??
    (currentUtilization === undefined
      ? undefined
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentUtilization } } }])
  const conditions = parsed<HorizontalPodAutoscalerCondition[]>(annotations[conditionsAnnotation])
  const kept = withoutRoundTrip(annotations)
  return {
    ...autoscaler,
    apiVersion: 'autoscaling/v2',
    metadata: Object.keys(kept).length > 0 ? { ...metadata, annotations: kept } : metadata,
    spec: {
      ...rest,
      // What the controller of old took for granted is said here.
      metrics: metrics.length > 0 ? metrics : [cpuMetric(defaultCpuUtilization)],
      ...(behavior && Object.keys(behavior).length > 0
        ? { behavior: fromInternal(behavior) as HorizontalPodAutoscalerBehavior }
        : {}),
    },
    status: { ...statusRest, ...(currentMetrics && { currentMetrics }), ...(conditions && { conditions }) },
  }
}

function parsed<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return (JSON.parse(text) as T | null) ?? undefined
  } catch {
    return undefined
  }
}

/** The internal type, as upstream writes it there: its members begin with capitals, and none is left out. */
function fromInternal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromInternal)
  if (!isObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(
    members.map(([name, member]) => [name[0]!.toLowerCase() + name.slice(1), fromInternal(member)]),
  )
}
