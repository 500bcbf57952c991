import { badRequest } from '../../../machinery/errors.ts'
import type { Draft } from '../../../machinery/json.ts'
import { selectorOfLabelSelector, type LabelSelector } from '../../../machinery/labels/label-selector.ts'
import { formatLabels } from '../../../machinery/labels/selector.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'

/** autoscaling/v1 Scale: the part of a workload that says how many. */
export interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas: number; readonly selector?: string }
}

/** Where a kind keeps what its Scale shows. */
export interface ScaleRules {
  replicas(object: KubeObject): number
  setReplicas(draft: Draft<KubeObject>, replicas: number): void
  statusReplicas(object: KubeObject): number
  /** As text; throws for selectors that cannot be read. */
  selector(object: KubeObject): string
  /** `['spec', 'replicas']`. */
  readonly replicasPath: readonly string[]
  /** Of custom resources: how many replicas there are need not be said, and their own validation sees to the number. */
  readonly custom?: {
    /** The path as it was written, where the object has no number there. */
    unsetPath(object: KubeObject): string | undefined
  }
}

interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly selector?: unknown }
  readonly status?: { readonly replicas?: number }
}

/** Deployments, ReplicaSets, StatefulSets, and ReplicationControllers with their plain selector. */
export const workloadScale: ScaleRules = {
  replicas: (object) => (object as Workload).spec?.replicas ?? 0,
  setReplicas: (draft, replicas) => {
    const workload = draft as Draft<Workload>
    workload.spec = { ...workload.spec, replicas }
  },
  statusReplicas: (object) => (object as Workload).status?.replicas ?? 0,
  selector: (object) => {
    const { selector } = (object as Workload).spec ?? {}
    if (object.kind === 'ReplicationController') return formatLabels(selector as Record<string, string> | undefined)
    return selectorOfLabelSelector(selector as LabelSelector | undefined).toString()
  },
  replicasPath: ['spec', 'replicas'],
}

export function scaleOf(object: KubeObject, rules: ScaleRules): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  let selector: string
  try {
    selector = rules.selector(object)
  } catch (error) {
    throw badRequest((error as Error).message, { cause: error })
  }
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: rules.replicas(object) || undefined },
    status: { replicas: rules.statusReplicas(object), selector: selector || undefined },
  }
}
