import type { Pod, StatefulSet } from '../../api/types.generated.ts'
import type { Observed } from '../runtime/observed.ts'
import { isRunningAndReady, isTerminating, isUnavailable } from './stateful-pod.ts'

/**
 * The pods to delete of those that are too many, sorted from the highest number down. Of an ordered set that is one, and
 * only when all others work: `firstUnavailable` may go though it does not (stateful_set_control.go processCondemned).
 */
export function toScaleDown(
  { object: { spec }, now }: Pick<Observed<StatefulSet>, 'object' | 'now'>,
  condemned: readonly Pod[],
  firstUnavailable: Pod | undefined,
): readonly Pod[] {
  if (spec.podManagementPolicy === 'Parallel') return condemned.filter((pod) => !isTerminating(pod))
  const [last] = condemned
  if (last === undefined || isTerminating(last)) return []
  const works = isRunningAndReady(last) && !isUnavailable(last, spec.minReadySeconds ?? 0, now)
  return works || last === firstUnavailable ? [last] : []
}
