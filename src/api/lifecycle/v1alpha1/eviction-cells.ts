import type { Condition } from '../../types.generated.ts'

/** What the tables of evictions and of requests for them share (pkg/printers/internalversion). */
interface Progress {
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
}
interface Target {
  readonly pod?: { readonly name: string }
}

export const targetCell = (target: Target | undefined): string => target?.pod?.name ?? '<unset>'
export const targetTypeCell = (target: Target | undefined): string => (target?.pod === undefined ? '<unset>' : 'Pod')

export function progressCell(status: Progress | undefined): string {
  for (const type of ['TargetEvicted', 'Failed']) {
    const found = status?.conditions?.find((each) => each.type === type)
    if (found?.status === 'True') return `${type} (${found.reason})`
  }
  return (status?.observedGeneration ?? 0) > 0 ? 'Progressing' : 'Pending'
}
