import { isExtendedResource } from '../../api/core/v1/resource-names.ts'
import { fieldErrors, type FieldError } from '../../machinery/field-error.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { qualifiedName } from '../../machinery/validation/label-names.ts'
import { apiVersion, pluginPoints } from './schema.ts'
import type {
  ExtenderConfiguration,
  LeaderElectionConfiguration,
  SchedulerConfiguration,
  SchedulerProfile,
} from './types.ts'
import { argumentChecks } from './validate-arguments.ts'

const { invalid, required, duplicate } = fieldErrors
type Errors = readonly FieldError[]

/** What is wrong with a configuration, in upstream's order (apis/config/validation/validation.go). */
export function validateConfiguration(configuration: SchedulerConfiguration): Errors {
  const { clientConnection, parallelism, profiles, podInitialBackoffSeconds, podMaxBackoffSeconds } = configuration
  const errors: FieldError[] = []
  const check = (wrong: boolean, error: FieldError) => wrong && errors.push(error)
  check(clientConnection.burst < 0, invalid('clientConnection.burst', clientConnection.burst, 'must be non-negative'))
  errors.push(...electionErrors(configuration.leaderElection))
  check(parallelism <= 0, invalid('parallelism', parallelism, 'should be an integer value greater than zero'))
  const seen = new Set<string>()
  for (const [index, profile] of profiles.entries()) {
    const at = `profiles[${index}]`
    errors.push(...profileErrors(profile, at))
    check(seen.has(profile.schedulerName), duplicate(`${at}.schedulerName`, {}))
    seen.add(profile.schedulerName)
  }
  errors.push(...queueSortErrors(profiles))
  errors.push(...percentageErrors(configuration.percentageOfNodesToScore, 'percentageOfNodesToScore'))
  check(
    podInitialBackoffSeconds <= 0,
    invalid('podInitialBackoffSeconds', podInitialBackoffSeconds, 'must be greater than 0'),
  )
  check(
    podMaxBackoffSeconds < podInitialBackoffSeconds,
    invalid('podMaxBackoffSeconds', podMaxBackoffSeconds, 'must be greater than or equal to PodInitialBackoffSeconds'),
  )
  return [...errors, ...extenderErrors(configuration.extenders ?? [])]
}

/** component-base config/validation ValidateLeaderElectionConfiguration, and the scheduler's own rule. */
function electionErrors(election: LeaderElectionConfiguration): Errors {
  if (!election.leaderElect) return []
  const errors: FieldError[] = []
  const { leaseDuration, renewDeadline, resourceLock } = election
  for (const field of ['leaseDuration', 'renewDeadline', 'retryPeriod'] as const)
    if (parseGoDuration(election[field]) <= 0)
      errors.push(invalid(`leaderElection.${field}`, election[field], 'must be greater than zero'))
  if (parseGoDuration(leaseDuration) <= parseGoDuration(renewDeadline))
    errors.push(invalid('leaderElection.leaseDuration', renewDeadline, 'must be greater than `RenewDeadline`'))
  if (resourceLock !== 'leases')
    errors.push(invalid('leaderElection.resourceLock', resourceLock, 'resourceLock value must be "leases"'))
  return errors
}

function percentageErrors(percentage: number | undefined, at: string): Errors {
  return percentage !== undefined && (percentage < 0 || percentage > 100)
    ? [invalid(at, percentage, 'not in valid range [0-100]')]
    : []
}

const removed = new Set(['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits'])
const removedSince = `was invalid in version "v1" (KubeSchedulerConfiguration is version "${apiVersion}")`

function profileErrors(profile: SchedulerProfile, at: string): Errors {
  const errors: FieldError[] = []
  if (!profile.schedulerName) errors.push(required(`${at}.schedulerName`))
  errors.push(...percentageErrors(profile.percentageOfNodesToScore, `${at}.percentageOfNodesToScore`))
  for (const point of pluginPoints) {
    if (point === 'multiPoint' || point === 'placementGenerate' || point === 'placementScore') continue
    for (const [index, { name }] of (profile.plugins[point].enabled ?? []).entries())
      if (removed.has(name)) errors.push(invalid(`${at}.plugins.${point}.enabled[${index}]`, name, removedSince))
  }
  const seen = new Set<string>()
  for (const [index, { name, args }] of profile.pluginConfig.entries()) {
    const path = `${at}.pluginConfig[${index}]`
    if (seen.has(name)) errors.push(duplicate(path, name))
    seen.add(name)
    if (removed.has(name)) errors.push(invalid(path, name, removedSince))
    else if (Object.hasOwn(argumentChecks, name)) {
      const check = argumentChecks[name as keyof typeof argumentChecks] as (args: unknown, at: string) => Errors
      errors.push(...check(args, `${path}.args`))
    }
  }
  return errors
}

function queueSortErrors(profiles: readonly SchedulerProfile[]): Errors {
  const errors: FieldError[] = []
  const [first, ...others] = profiles.map(({ plugins }) => plugins.queueSort)
  const count = first?.enabled?.length ?? 0
  if (count > 1)
    errors.push(invalid('profiles[0].plugins.queueSort.Enabled', count, 'only one queue sort plugin can be enabled'))
  for (const [index, other] of others.entries()) {
    if (jsonEqual(first, other)) continue
    const weighed = (list: typeof other.enabled) =>
      list?.map(({ name, weight = 0 }) => ({ Name: name, Weight: weight }))
    const shown = { Enabled: weighed(other.enabled) ?? null, Disabled: weighed(other.disabled) ?? null }
    errors.push(invalid(`profiles[${index + 1}].plugins.queueSort`, shown, 'must be the same for all profiles'))
  }
  return errors
}

function extenderErrors(extenders: readonly ExtenderConfiguration[]): Errors {
  const errors: FieldError[] = []
  const managed = new Set<string>()
  for (const [index, { prioritizeVerb, weight = 0, managedResources = [] }] of extenders.entries()) {
    const at = `extenders[${index}]`
    if (prioritizeVerb && weight <= 0)
      errors.push(invalid(`${at}.weight`, weight, 'must have a positive weight applied to it'))
    for (const [position, { name }] of managedResources.entries()) {
      const path = `${at}.managedResources[${position}].name`
      const faults = qualifiedName(name)
      for (const fault of faults) errors.push(invalid(path, name, fault))
      if (faults.length === 0 && !isExtendedResource(name))
        errors.push(invalid(path, name, 'is an invalid extended resource name'))
      if (managed.has(name)) errors.push(invalid(path, name, 'duplicate extender managed resource name'))
      managed.add(name)
    }
  }
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length
  if (binders > 1)
    errors.push(
      invalid('extenders', `found ${binders} extenders implementing bind`, 'only one extender can implement bind'),
    )
  return errors
}
