import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { namespaces } from '../../api/core/v1/namespace.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { flowSchemas } from '../../api/flowcontrol/v1/flow-schema.ts'
import { priorityLevelConfigurations } from '../../api/flowcontrol/v1/priority-level-configuration.ts'
import { clusterRoleBindings } from '../../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../../api/rbac/v1/cluster-role.ts'
import { roleBindings } from '../../api/rbac/v1/role-binding.ts'
import { roles } from '../../api/rbac/v1/role.ts'
import { priorityClasses } from '../../api/scheduling/v1/priority-class.ts'
import type { ConfigMap, FlowSchema, PriorityLevelConfiguration } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Lister } from '../lister.ts'
import type { ObjectWriter } from '../object-writer.ts'
import { systemNamespaces, systemPriorityClasses } from './cluster-objects.ts'
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from './flow-control-facts.ts'
import { joiningClusterRoleBindings, joiningRoleBindings, joiningRoles } from './joining-policy.ts'
import { rbacPolicy } from './rbac-policy.ts'
import { type Reconciled, reconcileBinding, reconcileRole } from './reconcile-rbac.ts'

const autoUpdate = 'apf.kubernetes.io/autoupdate-spec'
const attempts = 5

/** Upstream's fairness has a name of its own for what it makes (pkg/registry/flowcontrol/ensurer). */
function managerOf({ group }: ResourceRef): { readonly fieldManager?: string } {
  return group === 'flowcontrol.apiserver.k8s.io'
    ? { fieldManager: 'api-priority-and-fairness-config-producer-v1' }
    : {}
}

/**
 * Makes what every cluster has: namespaces, roles and bindings, priority levels, priority classes, and the config maps
 * given. Nothing is written when nothing is missing. All at once, so that a store with group commit is asked for a few
 * commits only. Throws when something could not be made.
 */
export async function bootstrapObjects(options: {
  readonly lister: Lister
  readonly writer: ObjectWriter
  /** Kept as they are, e.g. extension-apiserver-authentication; other keys that people added stay. */
  readonly configMaps: readonly ConfigMap[]
  /** Made when they are missing, else left alone. */
  readonly firstConfigMaps?: readonly ConfigMap[]
  /** Whether machines may join, for which there are kubeadm's roles and bindings. */
  readonly joining?: boolean
  /** Which features are on, for there are roles of theirs. Default: as the release has them. */
  readonly enabled?: FeatureEnabled
}): Promise<void> {
  const { lister, writer, joining = false } = options

  const ensure = <T extends KubeObject>(
    ref: ResourceRef<T>,
    expected: T,
    reconcile?: (stored: T) => Reconciled<T>,
  ): Promise<void> => ensureObject({ lister, writer }, ref, expected, reconcile)
  const all = <T extends KubeObject>(
    ref: ResourceRef<T>,
    expected: readonly T[],
    reconcile?: (stored: T, one: T) => Reconciled<T>,
  ) => Promise.all(expected.map((one) => ensure(ref, one, reconcile && ((stored) => reconcile(stored, one)))))

  const policy = rbacPolicy(options.enabled)
  await all(namespaces, systemNamespaces)
  await Promise.all([
    all(clusterRoles, policy.clusterRoles, reconcileRole),
    all(clusterRoleBindings, policy.clusterRoleBindings, reconcileBinding),
    all(clusterRoleBindings, joining ? joiningClusterRoleBindings : []),
    all(roles, policy.roles, reconcileRole),
    all(roles, joining ? joiningRoles : []),
    all(roleBindings, policy.roleBindings, reconcileBinding),
    all(roleBindings, joining ? joiningRoleBindings : []),
    all(priorityClasses, systemPriorityClasses),
    all(configMaps, options.configMaps, reconcileConfigMap),
    all(configMaps, options.firstConfigMaps ?? []),
    all(priorityLevelConfigurations, mandatoryPriorityLevels, withSpec),
    all(priorityLevelConfigurations, suggestedPriorityLevels, withSpecIfWanted),
  ])
  await Promise.all([
    all(flowSchemas, mandatoryFlowSchemas, withSpec),
    all(flowSchemas, suggestedFlowSchemas, withSpecIfWanted),
  ])
}

/** Retries what another writer came between. */
async function ensureObject<T extends KubeObject>(
  { lister, writer }: { readonly lister: Lister; readonly writer: ObjectWriter },
  ref: ResourceRef<T>,
  expected: T,
  reconcile: (stored: T) => Reconciled<T> = () => undefined,
): Promise<void> {
  const { namespace = '', name = '' } = expected.metadata
  for (let attempt = 1; ; attempt++) {
    const stored = attempt === 1 ? lister.get(ref, namespace, name) : await lister.getLive(ref, namespace, name)
    try {
      if (stored === undefined) {
        await writer.create(ref, expected, managerOf(ref))
        return
      }
      const wanted = reconcile(stored)
      if (wanted?.change === 'update') await writer.update(ref, wanted.object, managerOf(ref))
      if (wanted?.change !== 'recreate') return
      await writer.delete(ref, { namespace: namespace || undefined, name })
    } catch (error) {
      if (attempt === attempts || !isReason(error, 'AlreadyExists', 'Conflict', 'NotFound')) throw error
    }
  }
}

/** Keeps what it holds of one config map as it is to be; other keys that people added stay. */
export function keepConfigMap(
  services: { readonly lister: Lister; readonly writer: ObjectWriter },
  expected: ConfigMap,
): Promise<void> {
  return ensureObject(services, configMaps, expected, (stored) => reconcileConfigMap(stored, expected))
}

type FlowControl = PriorityLevelConfiguration | FlowSchema

/** pkg/registry/flowcontrol/ensurer/strategy.go: mandatory objects are put right. */
function withSpec<T extends FlowControl>(stored: T, expected: T): Reconciled<T> {
  const annotations = { ...stored.metadata.annotations, [autoUpdate]: 'true' }
  if (jsonEqual(stored.spec, expected.spec) && stored.metadata.annotations?.[autoUpdate] === 'true') return undefined
  return { change: 'update', object: { ...stored, metadata: { ...stored.metadata, annotations }, spec: expected.spec } }
}

/** Suggested ones are, unless people took them over. */
function withSpecIfWanted<T extends FlowControl>(stored: T, expected: T): Reconciled<T> {
  const wanted = stored.metadata.annotations?.[autoUpdate] ?? String(stored.metadata.generation === 1)
  return wanted === 'true' ? withSpec(stored, expected) : undefined
}

function reconcileConfigMap(stored: ConfigMap, expected: ConfigMap): Reconciled<ConfigMap> {
  const data = { ...stored.data, ...expected.data }
  return jsonEqual(data, stored.data) ? undefined : { change: 'update', object: { ...stored, data } }
}
