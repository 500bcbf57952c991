import type { Container, Pod, ResourceFieldSelector } from '../../api/types.generated.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { declaredContainers } from '../pods/containers.ts'
import { amounts, podHasOwnResources } from '../resources/pod-resources.ts'
import { millis, units } from '../resources/quantity.ts'

/** Facts about a pod, for its containers: fields and resources by name (KEP of the downward API; pkg/fieldpath). */
export interface DownwardFacts {
  readonly pod: Pod
  readonly podIPs: readonly string[]
  readonly hostIPs: readonly string[]
  /** What the node gives to pods, where a container has no limit. */
  readonly allocatable: Readonly<Record<string, string>>
}

export function fieldValue({ pod, podIPs, hostIPs }: DownwardFacts, fieldPath: string): string {
  const { metadata, spec } = pod
  const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath)
  if (subscript !== null) return metadata[subscript[1] as 'annotations' | 'labels']?.[subscript[2]!] ?? ''
  const values: Readonly<Record<string, () => string>> = {
    'metadata.annotations': () => formatMap(metadata.annotations),
    'metadata.labels': () => formatMap(metadata.labels),
    'metadata.name': () => metadata.name ?? '',
    'metadata.namespace': () => metadata.namespace ?? '',
    'metadata.uid': () => metadata.uid ?? '',
    'spec.nodeName': () => spec.nodeName ?? '',
    'spec.serviceAccountName': () => spec.serviceAccountName ?? '',
    'status.hostIP': () => hostIPs[0] ?? '',
    'status.hostIPs': () => hostIPs.join(','),
    'status.podIP': () => podIPs[0] ?? '',
    'status.podIPs': () => podIPs.join(','),
  }
  const value = values[fieldPath]
  if (value === undefined) throw new Error(`unsupported fieldPath: ${fieldPath}`)
  return value()
}

function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(map ?? {}).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return keys.map((key) => `${key}=${goQuote(map![key]!)}`).join('\n')
}

/** `limits.memory` and the like, in units of the divisor, rounded up. */
export function resourceValue(facts: DownwardFacts, selector: ResourceFieldSelector, own?: Container): string {
  const container = selector.containerName
    ? declaredContainers(facts.pod).find(
        ({ kind, container: { name } }) => kind !== 'ephemeral' && name === selector.containerName,
      )?.container
    : own
  if (container === undefined) throw new Error(`container ${selector.containerName ?? ''} not found`)
  const [section, name] = split(selector.resource)
  if (!['cpu', 'memory', 'ephemeral-storage'].includes(name) && !name.startsWith('hugepages-')) {
    throw new Error(`unsupported container resource : ${selector.resource}`)
  }
  const list = section === 'limits' ? limitsWithDefaults(facts, container) : amounts(container.resources?.requests)
  const amount = list[name] ?? 0
  const divisor = name === 'cpu' ? millis(selector.divisor) || 1000 : units(selector.divisor) || 1
  return String(Math.ceil(amount / divisor))
}

function split(resource: string): [section: string, name: string] {
  const dot = resource.indexOf('.')
  return [resource.slice(0, dot), resource.slice(dot + 1)]
}

function limitsWithDefaults({ pod, allocatable }: DownwardFacts, container: Container): Record<string, number> {
  const limits: Record<string, number> = { ...amounts(container.resources?.limits) }
  const defaults: Record<string, number> = { ...amounts(allocatable) }
  if (podHasOwnResources(pod)) {
    const own = amounts(pod.spec.resources?.limits)
    for (const name of ['cpu', 'memory']) if (own[name]) defaults[name] = own[name]
  }
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    if (!limits[name] && defaults[name] !== undefined) limits[name] = defaults[name]
  }
  return limits
}
