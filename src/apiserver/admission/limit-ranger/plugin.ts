import { limitRanges } from '../../../api/core/v1/limit-range.ts'
import { containerLimits, containerRequests } from '../../../api/core/v1/pod/pod-resources.ts'
import type { ResourceList } from '../../../api/core/v1/pod/resource-list.ts'
import type { Container, LimitRange, PersistentVolumeClaim, Pod } from '../../../api/types.generated.ts'
import { aggregate } from '../../../machinery/errors.ts'
import type { Draft } from '../../../machinery/json.ts'
import { refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { maxConstraint, maxRequestConstraint, minConstraint, ratioConstraint } from './constraints.ts'

/** Gives containers a namespace's default requests and limits, and holds pods and claims to its bounds (plugin/pkg/admission/limitranger). */
export function createLimitRanger({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  return {
    name: 'LimitRanger',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      if (!applies(attributes) || attributes.kind.kind !== 'Pod') return
      const pod = attributes.object as unknown as Draft<Pod>
      for (const range of lister.list(limitRanges, attributes.namespace)) setDefaults(range, pod)
    },
    validate(attributes) {
      if (!applies(attributes)) return
      for (const range of lister.list(limitRanges, attributes.namespace)) {
        const problems =
          attributes.kind.kind === 'Pod'
            ? podProblems(range, attributes.object as unknown as Pod)
            : claimProblems(range, attributes.object as unknown as PersistentVolumeClaim)
        if (problems.length > 0) throw refusal(attributes, aggregate(problems))
      }
    },
  }
}

function applies({ kind, subresource, operation, oldObject, namespace }: AdmissionAttributes): boolean {
  if (kind.group !== '' || namespace === '') return false
  // What is going away is not bound any more: its finalizers must be taken off.
  if (oldObject?.metadata.deletionTimestamp !== undefined) return false
  if (kind.kind === 'Pod') return operation === 'UPDATE' ? subresource === 'resize' : subresource === ''
  return kind.kind === 'PersistentVolumeClaim' && subresource === ''
}

const annotation = 'kubernetes.io/limit-ranger'

const boundsOf = ({ spec }: LimitRange) => spec?.limits ?? []

function setDefaults(range: LimitRange, pod: Draft<Pod>): void {
  const requests: Record<string, string> = {}
  const limits: Record<string, string> = {}
  for (const bound of boundsOf(range).filter(({ type }) => type === 'Container')) {
    Object.assign(requests, bound.defaultRequest)
    Object.assign(limits, bound.default)
  }
  const notes: string[] = []
  const complete = (container: Draft<Container>, noun: string) => {
    const resources = (container.resources ??= {})
    const missing = (present: Readonly<Record<string, string>> | undefined, wanted: Record<string, string>) =>
      Object.keys(wanted).filter((name) => present?.[name] === undefined)
    const note = (names: string[], what: string) => {
      if (names.length > 0) notes.push(`${names.sort().join(', ')} ${what} for ${noun} ${container.name}`)
    }
    const [newRequests, newLimits] = [missing(resources.requests, requests), missing(resources.limits, limits)]
    for (const name of newRequests) resources.requests = { ...resources.requests, [name]: requests[name]! }
    for (const name of newLimits) resources.limits = { ...resources.limits, [name]: limits[name]! }
    note(newRequests, 'request')
    note(newLimits, 'limit')
  }
  // A list that Go always writes is null when a client sends none.
  for (const container of pod.spec.containers ?? []) complete(container, 'container')
  for (const container of pod.spec.initContainers ?? []) complete(container, 'init container')
  if (notes.length > 0)
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
    }
}

/** Overhead does not count here, and of what a pod asks for as a whole only these two do. */
function wholePod(spec: Pod['spec'], of: 'requests' | 'limits'): ResourceList {
  const { cpu, memory } = spec.resources?.[of] ?? {}
  const total = of === 'requests' ? containerRequests(spec) : containerLimits(spec)
  return { ...total, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) }
}

const entries = (list: ResourceList | undefined) => Object.entries(list ?? {})

function podProblems(range: LimitRange, { spec }: Pod): string[] {
  const problems: (string | undefined)[] = []
  for (const { type, min, max, maxLimitRequestRatio } of boundsOf(range)) {
    if (type !== 'Container' && type !== 'Pod') continue
    const subjects =
      type === 'Pod'
        ? [{ requests: wholePod(spec, 'requests'), limits: wholePod(spec, 'limits') }]
        : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => ({
            requests: resources?.requests ?? {},
            limits: resources?.limits ?? {},
          }))
    for (const { requests, limits } of subjects) {
      for (const [name, least] of entries(min)) problems.push(minConstraint(type, name, least, requests, limits))
      for (const [name, most] of entries(max)) problems.push(maxConstraint(type, name, most, requests, limits))
      for (const [name, ratio] of entries(maxLimitRequestRatio))
        problems.push(ratioConstraint(type, name, ratio, requests, limits))
    }
  }
  return problems.filter((problem) => problem !== undefined)
}

function claimProblems(range: LimitRange, { spec }: PersistentVolumeClaim): string[] {
  const requests = spec.resources?.requests ?? {}
  const problems: (string | undefined)[] = []
  for (const { type, min, max } of boundsOf(range)) {
    if (type !== 'PersistentVolumeClaim') continue
    for (const [name, least] of entries(min)) problems.push(minConstraint(type, name, least, requests, {}))
    for (const [name, most] of entries(max)) problems.push(maxRequestConstraint(type, name, most, requests))
  }
  return problems.filter((problem) => problem !== undefined)
}
