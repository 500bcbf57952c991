import type { Pod } from '../../api/types.generated.ts'

/** Of more ended pods than the threshold those to delete: evicted ones first, then the oldest. */
export function oldestTerminated(ended: readonly Pod[], threshold: number): readonly Pod[] {
  const surplus = ended.length - threshold
  if (threshold <= 0 || surplus <= 0) return []
  const isEvicted = ({ status }: Pod) => status?.phase === 'Failed' && status.reason === 'Evicted'
  const age = ({ metadata }: Pod) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return [...ended]
    .sort((a, b) => Number(isEvicted(b)) - Number(isEvicted(a)) || (age(a) < age(b) ? -1 : 1))
    .slice(0, surplus)
}
