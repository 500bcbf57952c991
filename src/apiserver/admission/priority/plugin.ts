import { priorityClasses } from '../../../api/scheduling/v1/priority-class.ts'
import type { Pod, PriorityClass } from '../../../api/types.generated.ts'
import { isFor, objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/** Gives pods the number behind their priority class (plugin/pkg/admission/priority). */
export function createPriority({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  /** Of several defaults the least counts. */
  const defaultClass = (): PriorityClass | undefined =>
    lister
      .list(priorityClasses)
      .filter(({ globalDefault }) => globalDefault === true)
      .reduce<PriorityClass | undefined>(
        (least, one) => (least === undefined || one.value < least.value ? one : least),
        undefined,
      )

  function admitNewPod(attributes: AdmissionAttributes): void {
    const { spec } = objectOf<Pod>(attributes)
    let chosen: Pick<PriorityClass, 'value' | 'preemptionPolicy'> | undefined
    if (spec.priorityClassName) {
      chosen = lister.get(priorityClasses, '', spec.priorityClassName)
      if (chosen === undefined)
        throw refusal(attributes, `no PriorityClass with name ${spec.priorityClassName} was found`)
    } else {
      const found = defaultClass()
      if (found !== undefined) spec.priorityClassName = found.metadata.name
      chosen = found ?? { value: 0, preemptionPolicy: 'PreemptLowerPriority' }
    }
    const { value, preemptionPolicy } = chosen
    if (spec.priority !== undefined && spec.priority !== null && spec.priority !== value)
      throw refusal(
        attributes,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      )
    spec.priority = value
    if (preemptionPolicy === undefined) return
    if (spec.preemptionPolicy && spec.preemptionPolicy !== preemptionPolicy)
      throw refusal(
        attributes,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
      )
    spec.preemptionPolicy = preemptionPolicy
  }

  return {
    name: 'Priority',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      if (!isFor(attributes, 'pods')) return
      if (attributes.operation === 'CREATE') return admitNewPod(attributes)
      const { spec } = objectOf<Pod>(attributes)
      const old = oldObjectOf<Pod>(attributes)?.spec
      // A client that does not know the field must not lose it.
      spec.priority ??= old?.priority
      spec.preemptionPolicy ??= old?.preemptionPolicy
    },
    validate(attributes) {
      if (!isFor(attributes, 'priorityclasses', 'scheduling.k8s.io')) return
      const { metadata, globalDefault } = objectOf<PriorityClass>(attributes)
      if (!globalDefault) return
      const present = defaultClass()?.metadata.name
      if (present === undefined || (attributes.operation === 'UPDATE' && present === metadata.name)) return
      throw refusal(attributes, `PriorityClass ${present} is already marked as default. Only one default can exist`)
    },
  }
}
