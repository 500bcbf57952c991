import type { Container, Pod, PodSpec } from '../../../api/types.generated.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import { type NodeHint, type PodHint, type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'

const name = 'NodeDeclaredFeatures'
const lacking = unresolvable(name, "node(s) didn't match Pod's required features")
const wanted = new StateKey<readonly string[]>(name)

const afterNode: NodeHint = (_, old, node) =>
  old === undefined || !jsonEqual(old.status?.declaredFeatures, node?.status?.declaredFeatures)
const afterTarget: PodHint = (_, old, pod) => !jsonEqual(old && requiredFeatures(old), pod && requiredFeatures(pod))

/**
 * Keeps pods that need a feature of the kubelet to nodes that declare it (KEP 5328, plugins/nodedeclaredfeatures,
 * component-helpers nodedeclaredfeatures).
 */
export const nodeDeclaredFeatures: SchedulerPlugin = {
  name,
  events: [
    { resource: 'Node', actions: action.add | action.nodeDeclaredFeature, hint: afterNode as QueueingHint },
    { resource: 'TargetPod', actions: action.update, hint: afterTarget as QueueingHint },
  ],
  preFilter(state, { pod }) {
    const features = requiredFeatures(pod)
    if (features.length === 0) return skip
    state.write(wanted, features)
    return undefined
  },
  filter(state, _, { node }) {
    const declared = node?.status?.declaredFeatures ?? []
    return state.read(wanted).every((feature) => declared.includes(feature)) ? undefined : lacking
  },
}

/** What each feature is recognized by in a pod. */
const signs: Readonly<Record<string, (spec: PodSpec) => boolean>> = {
  RestartAllContainersOnContainerExits: (spec) =>
    longRunning(spec).some(({ restartPolicyRules }) =>
      restartPolicyRules?.some((rule) => rule.action === 'RestartAllContainers'),
    ),
  UserNamespacesHostNetworkSupport: ({ hostNetwork, hostUsers }) => hostNetwork === true && hostUsers === false,
  VolumeBindMountOptions: (spec) =>
    [...longRunning(spec), ...(spec.ephemeralContainers ?? [])].some(({ volumeMounts }) =>
      volumeMounts?.some((mount) => 'bindMountOptions' in mount),
    ),
}

function longRunning({ containers, initContainers = [] }: PodSpec): readonly Container[] {
  return [...containers, ...initContainers]
}

function requiredFeatures({ spec }: Pod): readonly string[] {
  if (spec === undefined) return []
  return Object.keys(signs).filter((feature) => signs[feature]!(spec))
}
