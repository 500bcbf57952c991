import type { Pod } from '../../../api/types.generated.ts'

type Named = { readonly name: string; readonly image?: string }

/** Whether an update changes anything that pod security looks at: images, and containers that are added. */
export function changesImages(pod: Pod, old: Pod): boolean {
  return (
    differ(pod.spec.containers, old.spec.containers) ||
    differ(pod.spec.initContainers, old.spec.initContainers) ||
    (pod.spec.ephemeralContainers ?? []).some(({ name, image }) => {
      const before = (old.spec.ephemeralContainers ?? []).find((container) => container.name === name)
      return before === undefined || before.image !== image
    })
  )
}

function differ(now: readonly Named[] | undefined | null, before: readonly Named[] | undefined | null): boolean {
  const [left, right] = [now ?? [], before ?? []]
  return left.length !== right.length || left.some(({ image }, index) => image !== right[index]!.image)
}
