import { nodeAffinityErrors } from '../../api/core/v1/node-affinity.ts'
import { fieldErrors, type FieldError } from '../../machinery/field-error.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import { validateLabelName } from '../../machinery/validation/label-selector.ts'
import type { PluginArguments, ResourceSpec, UtilizationShapePoint } from './types.ts'

const { invalid, required, notSupported, forbidden, duplicate } = fieldErrors
type Errors = readonly FieldError[]

/** The checks of the arguments of plugins (apis/config/validation/validation_pluginargs.go). */
export const argumentChecks: {
  readonly [Name in keyof PluginArguments]?: (args: PluginArguments[Name], at: string) => Errors
} = {
  DefaultPreemption({ minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute }, at) {
    const errors: FieldError[] = []
    const [percentagePath, absolutePath] = [`${at}.minCandidateNodesPercentage`, `${at}.minCandidateNodesAbsolute`]
    if (percentage < 0 || percentage > 100) errors.push(invalid(percentagePath, percentage, outside(0, 100)))
    if (absolute < 0) errors.push(invalid(absolutePath, absolute, 'not in valid range [0, inf)'))
    if (percentage === 0 && absolute === 0)
      errors.push(
        invalid(percentagePath, percentage, 'cannot be zero at the same time as minCandidateNodesAbsolute'),
        invalid(absolutePath, absolute, 'cannot be zero at the same time as minCandidateNodesPercentage'),
      )
    return errors
  },
  DynamicResources({ filterTimeout, bindingTimeout }, at) {
    const errors: FieldError[] = []
    if (filterTimeout !== undefined && parseGoDuration(filterTimeout) < 0)
      errors.push(invalid(`${at}.filterTimeout`, filterTimeout, 'must be zero or positive'))
    if (bindingTimeout !== undefined && parseGoDuration(bindingTimeout) < 1e9)
      errors.push(invalid(`${at}.bindingTimeout`, bindingTimeout, 'must be at least 1 second'))
    return errors
  },
  InterPodAffinity: ({ hardPodAffinityWeight: weight }, at) =>
    weight < 0 || weight > 100 ? [invalid(`${at}.hardPodAffinityWeight`, weight, outside(0, 100))] : [],
  NodeAffinity: ({ addedAffinity }, at) =>
    addedAffinity === undefined ? [] : nodeAffinityErrors(addedAffinity, `${at}.addedAffinity`),
  NodeResourcesBalancedAllocation({ resources }, at) {
    const seen = new Set<string>()
    return resources.flatMap(({ name, weight }, index) => {
      const path = `${at}.resources[${index}]`
      const errors: FieldError[] = []
      if (seen.has(name)) errors.push(duplicate(`${path}.name`, name))
      seen.add(name)
      if (weight !== 1) errors.push(invalid(`${path}.weight`, weight, 'must be 1'))
      return errors
    })
  },
  PodTopologySpread({ defaultingType, defaultConstraints = [] }, at) {
    const errors: FieldError[] = []
    if (defaultingType !== 'System' && defaultingType !== 'List')
      errors.push(notSupported(`${at}.defaultingType`, defaultingType, ['System', 'List']))
    else if (defaultingType === 'System' && defaultConstraints.length > 0)
      errors.push(invalid(`${at}.defaultingType`, defaultingType, 'when .defaultConstraints are not empty'))
    for (const [index, constraint] of defaultConstraints.entries()) {
      const {
        maxSkew = 0,
        topologyKey = '',
        whenUnsatisfiable = '',
        labelSelector,
      } = constraint as Partial<typeof constraint>
      const path = `${at}.defaultConstraints[${index}]`
      if (maxSkew <= 0) errors.push(invalid(`${path}.maxSkew`, maxSkew, 'not in valid range (0, inf)'))
      if (topologyKey === '') errors.push(required(`${path}.topologyKey`, 'can not be empty'))
      else errors.push(...validateLabelName(topologyKey, `${path}.topologyKey`))
      if (whenUnsatisfiable === '') errors.push(required(`${path}.whenUnsatisfiable`, 'can not be empty'))
      else if (!actions.includes(whenUnsatisfiable))
        errors.push(notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, actions))
      if (labelSelector !== undefined)
        errors.push(
          forbidden(`${path}.labelSelector`, 'constraint must not define a selector, as they deduced for each pod'),
        )
      const said = (other: (typeof defaultConstraints)[number]) =>
        `{${other.topologyKey ?? ''}, ${other.whenUnsatisfiable ?? ''}}`
      if (defaultConstraints.slice(0, index).some((other) => said(other) === said(constraint)))
        errors.push(duplicate(path, said(constraint)))
    }
    return errors
  },
  VolumeBinding({ bindTimeoutSeconds, shape }, at) {
    const errors: FieldError[] = []
    if (bindTimeoutSeconds < 0)
      errors.push(
        invalid(
          `${at}.bindTimeoutSeconds`,
          bindTimeoutSeconds,
          'invalid BindTimeoutSeconds, should not be a negative value',
        ),
      )
    return [...errors, ...shapeErrors(shape, `${at}.shape`)]
  },
}

const actions = ['DoNotSchedule', 'ScheduleAnyway']
const strategies = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']

/** Checked when the plugin is made, so that no path leads there: upstream looks for it under another name. */
export function nodeResourcesFitErrors(args: PluginArguments['NodeResourcesFit']): Errors {
  const errors: FieldError[] = []
  for (const [index, name] of (args.ignoredResources ?? []).entries())
    errors.push(...validateLabelName(name, `ignoredResources[${index}]`))
  for (const [index, group] of (args.ignoredResourceGroups ?? []).entries()) {
    const path = `ignoredResourceGroups[${index}]`
    if (group.includes('/')) errors.push(invalid(path, group, "resource group name can't contain '/'"))
    errors.push(...validateLabelName(group, path))
  }
  const { type = '', resources, requestedToCapacityRatio: ratio } = args.scoringStrategy
  if (!strategies.includes(type)) errors.push(notSupported('scoringStrategy.type', type, strategies))
  errors.push(...weightErrors(resources, 'scoringStrategy.resources'))
  const path = 'scoringStrategy.requestedToCapacityRatio'
  if (type !== 'RequestedToCapacityRatio') {
    if (ratio !== undefined) errors.push(forbidden(path, 'must be nil when type is not RequestedToCapacityRatio'))
  } else if (ratio === undefined) errors.push(required(path, 'must be specified when type is RequestedToCapacityRatio'))
  else errors.push(...shapeErrors(ratio.shape ?? [], `${path}.shape`))
  return errors
}

function weightErrors(resources: readonly ResourceSpec[], at: string): Errors {
  return resources.flatMap(({ name, weight }, index) =>
    weight <= 0 || weight > 100
      ? [invalid(`${at}[${index}].weight`, weight, `resource weight of ${name} not in valid range (0, 100]`)]
      : [],
  )
}

function shapeErrors(shape: readonly UtilizationShapePoint[], at: string): Errors {
  if (shape.length === 0) return [required(at, 'at least one point must be specified')]
  const errors: FieldError[] = []
  const falling = shape.findIndex(({ utilization }, index) => index > 0 && shape[index - 1]!.utilization >= utilization)
  if (falling >= 0)
    errors.push(
      invalid(
        `${at}[${falling}].utilization`,
        shape[falling]!.utilization,
        'values must be sorted in increasing order',
      ),
    )
  for (const [index, { utilization, score }] of shape.entries()) {
    if (utilization < 0 || utilization > 100)
      errors.push(invalid(`${at}[${index}].utilization`, utilization, outside(0, 100)))
    if (score < 0 || score > 10) errors.push(invalid(`${at}[${index}].score`, score, outside(0, 10)))
  }
  return errors
}

const outside = (low: number, high: number) => `not in valid range [${low}, ${high}]`
