import type { KubeObject } from '../../machinery/meta/object.ts'

/** Of the classes marked as default the newest, of equally old ones the first by name. */
export function defaultOf<T extends KubeObject>(classes: readonly T[], annotations: readonly string[]): T | undefined {
  const age = ({ metadata }: T) => Date.parse(metadata.creationTimestamp ?? '') || 0
  return classes
    .filter(({ metadata }) => annotations.some((mark) => metadata.annotations?.[mark] === 'true'))
    .sort((a, b) => age(b) - age(a) || (a.metadata.name! < b.metadata.name! ? -1 : 1))[0]
}
