import type { Container, EphemeralContainer, PodSpec } from '../../../types.generated.ts'

export type AnyContainer = Container | EphemeralContainer

/** All containers with their paths, in the order in which upstream visits them. */
export function* containersOf(spec: PodSpec, field: string): Generator<[container: AnyContainer, field: string]> {
  for (const member of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, container] of (spec[member] ?? []).entries()) yield [container, `${field}.${member}[${index}]`]
  }
}
