import type { HorizontalPodAutoscaler, Pod } from '../../api/types.generated.ts'
import { parseSelector, type Selector, SelectorError } from '../../machinery/labels/index.ts'

export type SelectedPods =
  | { readonly pods: readonly Pod[] }
  /** Of the event, and of the condition ScalingActive. */
  | { readonly event: string; readonly problem: string; readonly reason: string; readonly message: string }

/** The pods of a target, if they are those of this autoscaler alone (horizontal.go validateAndParseSelector). */
export function parsedSelector(
  text: string,
  autoscaler: HorizontalPodAutoscaler,
  {
    podsIn,
    rivals,
  }: {
    readonly podsIn: (namespace: string, selector: Selector) => readonly Pod[]
    readonly rivals: (
      autoscaler: HorizontalPodAutoscaler,
      selector: Selector,
      pods: readonly Pod[],
    ) => readonly string[]
  },
): SelectedPods {
  if (text === '') {
    return {
      event: 'SelectorRequired',
      problem: 'selector is required',
      reason: 'InvalidSelector',
      message: "the HPA target's scale is missing a selector",
    }
  }
  let selector: Selector
  try {
    selector = parseSelector(text)
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    const message = `couldn't convert selector into a corresponding internal selector object: ${error.message}`
    return { event: 'InvalidSelector', problem: message, reason: 'InvalidSelector', message }
  }
  const pods = podsIn(autoscaler.metadata.namespace ?? '', selector)
  const others = rivals(autoscaler, selector, pods)
  if (others.length === 0) return { pods }
  const { namespace, name } = autoscaler.metadata
  const both = [`${namespace}/${name}`, others[0]!].sort().join(' ')
  const message = `pods by selector ${text} are controlled by more than one HPA (e.g. [${both}])`
  return { event: 'AmbiguousSelector', problem: message, reason: 'AmbiguousSelector', message }
}
