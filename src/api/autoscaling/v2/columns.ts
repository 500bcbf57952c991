import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Column } from '../../definition.ts'
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../types.generated.ts'

/** pkg/printers/internalversion/printers.go formatHPAMetrics. */
const shown = 2
const unknown = '<unknown>'

function metricCell(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueCell(spec.external!.target, status?.external?.current)
    case 'Object':
      return valueCell(spec.object!.target, status?.object?.current)
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? unknown}/${spec.pods!.target.averageValue ?? ''}`
    case 'Resource':
      return `${spec.resource!.name}: ${resourceCell(spec.resource!.target, status?.resource?.current)}`
    case 'ContainerResource':
      return `${spec.containerResource!.name}: ${resourceCell(spec.containerResource!.target, status?.containerResource?.current)}`
    default:
      return '<unknown type>'
  }
}

function valueCell(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
  return `${current?.value ?? unknown}/${target.value ?? ''}`
}

function resourceCell(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue}`
  const percent = (value: number | undefined, none: string) => (value === undefined ? none : `${value}%`)
  return `${percent(current?.averageUtilization, unknown)}/${percent(target.averageUtilization, '<auto>')}`
}

function targetsCell({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? []
  if (metrics.length === 0) return '<none>'
  const cells = metrics.map((metric, index) => metricCell(metric, status?.currentMetrics?.[index]))
  const text = cells.slice(0, shown).join(', ')
  return cells.length > shown ? `${text} + ${cells.length - shown} more...` : text
}

export const autoscalerColumns: readonly Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  column('Reference', 'string', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
  column('Targets', 'string', targetsCell),
  column('MinPods', 'string', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
  column('MaxPods', 'string', ({ spec }) => spec.maxReplicas ?? 0),
  column('Replicas', 'string', ({ status }) => status?.currentReplicas ?? 0),
  ageColumn,
]
