import { quantitySign } from '../../../machinery/quantity.ts'
import type {
  ExternalMetricSourceV1,
  ExternalMetricStatusV1,
  MetricSpec,
  MetricSpecV1,
  MetricStatus,
  MetricStatusV1,
  MetricTarget,
  ObjectMetricSourceV1,
  ObjectMetricStatusV1,
} from '../../types.generated.ts'

/** Metrics between v2 and the form in which v1 keeps them in annotations (pkg/apis/autoscaling/v1/conversion.go). */
export function metricToV1(metric: MetricSpec): MetricSpecV1 {
  const { type, object, pods, resource, containerResource, external } = metric
  return {
    type: type as MetricSpecV1['type'],
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? '0',
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? '0',
        selector: pods.metric.selector,
      },
    }),
    ...(resource && { resource: { name: resource.name, ...resourceTargetV1(resource.target) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...resourceTargetV1(containerResource.target),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      },
    }),
  }
}

function resourceTargetV1({ averageUtilization, averageValue }: MetricTarget) {
  return { targetAverageUtilization: averageUtilization, targetAverageValue: averageValue }
}

export function metricFromV1(metric: MetricSpecV1): MetricSpec {
  const { type, object, pods, resource, containerResource, external } = metric
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target,
        target: objectTarget(object),
        metric: { name: object.metricName, selector: object.selector },
      },
    }),
    ...(pods && {
      pods: {
        metric: { name: pods.metricName, selector: pods.selector },
        target: { type: 'AverageValue', averageValue: pods.targetAverageValue },
      },
    }),
    ...(resource && { resource: { name: resource.name, target: resourceTarget(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        target: resourceTarget(containerResource),
      },
    }),
    ...(external && {
      external: {
        metric: { name: external.metricName, selector: external.metricSelector },
        target: externalTarget(external),
      },
    }),
  }
}

function objectTarget({ averageValue, targetValue }: ObjectMetricSourceV1): MetricTarget {
  if (averageValue === undefined) return { type: 'Value', value: targetValue }
  return { type: 'AverageValue', value: quantitySign(targetValue) === 0 ? undefined : targetValue, averageValue }
}

function externalTarget({ targetValue, targetAverageValue }: ExternalMetricSourceV1): MetricTarget {
  return {
    type: targetValue === undefined ? 'AverageValue' : 'Value',
    value: targetValue,
    averageValue: targetAverageValue,
  }
}

function resourceTarget(from: { targetAverageUtilization?: number; targetAverageValue?: string }): MetricTarget {
  return {
    type: from.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageValue: from.targetAverageValue,
    averageUtilization: from.targetAverageUtilization,
  }
}

export function metricStatusToV1(status: MetricStatus): MetricStatusV1 {
  const { type, object, pods, resource, containerResource, external } = status
  return {
    type: type as MetricStatusV1['type'],
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? '0',
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      } satisfies ObjectMetricStatusV1,
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? '0',
        selector: pods.metric.selector,
      },
    }),
    ...(resource && {
      resource: {
        name: resource.name,
        currentAverageUtilization: resource.current.averageUtilization,
        currentAverageValue: resource.current.averageValue ?? '0',
      },
    }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        currentAverageUtilization: containerResource.current.averageUtilization,
        currentAverageValue: containerResource.current.averageValue ?? '0',
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? '0',
        currentAverageValue: external.current.averageValue,
      } satisfies ExternalMetricStatusV1,
    }),
  }
}

export function metricStatusFromV1(status: MetricStatusV1): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = status
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target,
        metric: { name: object.metricName, selector: object.selector },
        current: { value: object.currentValue, averageValue: object.averageValue },
      },
    }),
    ...(pods && {
      pods: {
        metric: { name: pods.metricName, selector: pods.selector },
        current: { averageValue: pods.currentAverageValue },
      },
    }),
    ...(resource && { resource: { name: resource.name, current: resourceCurrent(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        current: resourceCurrent(containerResource),
      },
    }),
    ...(external && {
      external: {
        metric: { name: external.metricName, selector: external.metricSelector },
        current: { value: external.currentValue, averageValue: external.currentAverageValue },
      },
    }),
  }
}

function resourceCurrent(from: { currentAverageUtilization?: number; currentAverageValue: string }) {
  return { averageValue: from.currentAverageValue, averageUtilization: from.currentAverageUtilization }
}
