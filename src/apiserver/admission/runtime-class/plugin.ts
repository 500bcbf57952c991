import { runtimeClasses } from '../../../api/node/v1/runtime-class.ts'
import type { Pod, RuntimeClass, Toleration } from '../../../api/types.generated.ts'
import { jsonClone, jsonEqual } from '../../../machinery/json.ts'
import { equalQuantities } from '../../../machinery/quantity.ts'
import { isFor, objectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

type Overhead = Readonly<Record<string, string>>

/** Adds to a pod what its runtime costs and where it runs (plugin/pkg/admission/runtimeclass). */
export function createRuntimeClass({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  async function classOf(attributes: AdmissionAttributes, name: string): Promise<RuntimeClass> {
    const found = lister.get(runtimeClasses, '', name) ?? (await lister.getLive(runtimeClasses, '', name))
    if (found !== undefined) return found
    throw refusal(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  }
  return {
    name: 'RuntimeClass',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      if (!isFor(attributes, 'pods')) return
      const { runtimeClassName } = objectOf<Pod>(attributes).spec
      if (!runtimeClassName) return
      return classOf(attributes, runtimeClassName).then((found) => {
        setOverhead(attributes, found)
        setScheduling(attributes, found)
      })
    },
    validate(attributes) {
      if (!isFor(attributes, 'pods')) return
      const { runtimeClassName, overhead } = objectOf<Pod>(attributes).spec
      if (!runtimeClassName) return overhead === undefined ? undefined : refuseOverhead(attributes)
      return classOf(attributes, runtimeClassName).then((found) => {
        if (found.overhead === undefined) {
          if (overhead !== undefined) refuseOverhead(attributes)
        } else if (!sameOverhead(found.overhead.podFixed ?? {}, overhead ?? {})) throw mismatch(attributes)
      })
    },
  }
}

function refuseOverhead(attributes: AdmissionAttributes): never {
  throw refusal(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
}

function mismatch(attributes: AdmissionAttributes) {
  return refusal(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
}

function sameOverhead(a: Overhead, b: Overhead): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && equalQuantities(a[name]!, b[name]))
  )
}

function setOverhead(attributes: AdmissionAttributes, { overhead }: RuntimeClass): void {
  if (overhead === undefined) return
  const { spec } = objectOf<Pod>(attributes)
  const wanted = overhead.podFixed ?? {}
  if (spec.overhead !== undefined && Object.keys(spec.overhead).length > 0 && !sameOverhead(wanted, spec.overhead))
    throw mismatch(attributes)
  spec.overhead = { ...wanted }
}

function setScheduling(attributes: AdmissionAttributes, { scheduling }: RuntimeClass): void {
  if (scheduling === undefined) return
  const { spec } = objectOf<Pod>(attributes)
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key]
    if (own !== undefined && own !== value)
      throw refusal(
        attributes,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      )
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value }
  }
  const merged = mergeTolerations([...(spec.tolerations ?? []), ...(scheduling.tolerations ?? [])])
  if (merged.length > 0) spec.tolerations = jsonClone(merged)
}

/** Leaves out what another toleration covers (pkg/util/tolerations). */
function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const merged: Toleration[] = []
  for (const [index, one] of all.entries()) {
    const covered =
      merged.some((other) => isSuperset(other, one)) ||
      all.slice(index + 1).some((other) => !jsonEqual(one, other) && isSuperset(other, one))
    if (!covered) merged.push(one)
  }
  return merged
}

function isSuperset(wide: Toleration, narrow: Toleration): boolean {
  if (jsonEqual(wide, narrow)) return true
  const exists = wide.operator === 'Exists'
  if ((narrow.key ?? '') !== (wide.key ?? '') && (wide.key || !exists)) return false
  if ((narrow.effect ?? '') !== (wide.effect ?? '') && wide.effect) return false
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false
  }
  if (exists) return true
  return (
    (wide.operator || 'Equal') === 'Equal' && narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '')
  )
}
