import { priorityClasses } from '../../../api/scheduling/v1/priority-class.ts'
import type { Pod, PodGroup, PriorityClass } from '../../../api/types.generated.ts'
import { isFor, objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

const groups = [
  { resource: 'podgroups', what: 'pod group', feature: 'GenericWorkload' },
  { resource: 'compositepodgroups', what: 'composite pod group', feature: 'CompositePodGroup' },
] as const

/** Gives pods and their groups the number behind their priority class (plugin/pkg/admission/priority). */
export function createPriority({ lister, enabled }: Pick<AdmissionServices, 'lister' | 'enabled'>): AdmissionPlugin {
  /** Of several defaults the least counts. */
  const defaultClass = (): PriorityClass | undefined =>
    lister
      .list(priorityClasses)
      .filter(({ globalDefault }) => globalDefault === true)
      .reduce<PriorityClass | undefined>(
        (least, one) => (least === undefined || one.value < least.value ? one : least),
        undefined,
      )

  /** The class that a spec names, else the default one, whose name it gets. */
  function chosenClass(
    attributes: AdmissionAttributes,
    spec: { priorityClassName?: string },
  ): Pick<PriorityClass, 'value' | 'preemptionPolicy'> {
    if (spec.priorityClassName) {
      const named = lister.get(priorityClasses, '', spec.priorityClassName)
      if (named === undefined)
        throw refusal(attributes, `no PriorityClass with name ${spec.priorityClassName} was found`)
      return named
    }
    const found = defaultClass()
    if (found !== undefined) spec.priorityClassName = found.metadata.name
    return found ?? { value: 0, preemptionPolicy: 'PreemptLowerPriority' }
  }

  /** Of a pod group, or a composite one. */
  function admitNewGroup(attributes: AdmissionAttributes, what: string): void {
    const { spec } = objectOf<PodGroup>(attributes)
    const { value, preemptionPolicy } = chosenClass(attributes, spec)
    if (spec.priority !== undefined && spec.priority !== null && spec.priority !== value)
      throw refusal(
        attributes,
        `priority set in the ${what} (${spec.priority}) must match the priority computed (${value}) based on the priority class set in the spec`,
      )
    spec.priority = value
    if (!enabled('PodGroupPreemptionPolicy') || preemptionPolicy === undefined) return
    if (spec.preemptionPolicy && spec.preemptionPolicy !== preemptionPolicy)
      throw refusal(
        attributes,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in ${what} spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
      )
    spec.preemptionPolicy = preemptionPolicy
  }

  function admitNewPod(attributes: AdmissionAttributes): void {
    const { spec } = objectOf<Pod>(attributes)
    const { value, preemptionPolicy } = chosenClass(attributes, spec)
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
      const group = groups.find(({ resource }) => isFor(attributes, resource, 'scheduling.k8s.io'))
      if (group && attributes.operation === 'CREATE' && enabled(group.feature)) admitNewGroup(attributes, group.what)
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
