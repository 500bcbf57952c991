import type { Pod } from '../../api/types.generated.ts'

/** Who is to schedule the pod. */
export function schedulerNameOf({ spec }: Pod): string {
  return spec?.schedulerName || 'default-scheduler'
}
