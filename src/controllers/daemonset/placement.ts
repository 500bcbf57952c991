import { requiredNodeAffinity } from '../../api/core/v1/node-affinity.ts'
import { untoleratedTaint } from '../../api/core/v1/toleration.ts'
import type { DaemonSet, Node, Pod, Toleration } from '../../api/types.generated.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'

export interface Placement {
  /** A pod should be made there. */
  readonly shouldRun: boolean
  /** One that is there may stay. */
  readonly shouldContinue: boolean
}

/** Where pods of the set belong; for many nodes (daemon_controller.go NodeShouldRunDaemonPod). */
export function placementOf({ spec }: DaemonSet): (node: Node) => Placement {
  const template = spec.template.spec
  const tolerations = daemonTolerations(spec)
  const affinity = requiredNodeAffinity({ spec: template } as Pod)
  return (node) => {
    const elsewhere = template?.nodeName && template.nodeName !== node.metadata.name
    if (elsewhere || affinity?.matches(node) === false) return { shouldRun: false, shouldContinue: false }
    const taints = node.spec?.taints
    if (untoleratedTaint(taints, tolerations, ['NoExecute', 'NoSchedule']) === undefined) {
      return { shouldRun: true, shouldContinue: true }
    }
    return { shouldRun: false, shouldContinue: untoleratedTaint(taints, tolerations, ['NoExecute']) === undefined }
  }
}

/** Daemons stay on nodes in trouble: the template's tolerations and these (daemonset_util.go). */
export function daemonTolerations({ template }: DaemonSet['spec']): readonly Toleration[] {
  const borne: [key: string, effect: 'NoExecute' | 'NoSchedule'][] = [
    ['not-ready', 'NoExecute'],
    ['unreachable', 'NoExecute'],
    ['disk-pressure', 'NoSchedule'],
    ['memory-pressure', 'NoSchedule'],
    ['pid-pressure', 'NoSchedule'],
    ['unschedulable', 'NoSchedule'],
  ]
  if (template.spec?.hostNetwork) borne.push(['network-unavailable', 'NoSchedule'])
  return borne.reduce<readonly Toleration[]>(
    (all, [key, effect]) => addOrReplace(all, { key: `node.kubernetes.io/${key}`, operator: 'Exists', effect }),
    template.spec?.tolerations ?? [],
  )
}

function addOrReplace(all: readonly Toleration[], added: Toleration): readonly Toleration[] {
  const same = all.findIndex(
    ({ key, operator, effect, value }) =>
      key === added.key && operator === added.operator && effect === added.effect && !value,
  )
  if (same < 0) return [...all, added]
  return semanticEqual(all[same], added) ? all : all.with(same, added)
}

/** The node that a pod is on, or is meant for. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  for (const { matchFields = [] } of terms) {
    for (const { key, operator, values } of matchFields) {
      if (key === 'metadata.name' && operator === 'In') return values?.length === 1 ? values[0] : undefined
    }
  }
  return undefined
}
