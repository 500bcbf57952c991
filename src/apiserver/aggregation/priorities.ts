/** Where a group stands among the others, and a version within its group: larger first. */
export interface Priority {
  readonly group: number
  readonly version: number
}

/** Group, its priority, and its versions with theirs (pkg/controlplane/apiserver/aggregator.go, cmd/kube-apiserver/app). */
const table: readonly (readonly [string, number, Readonly<Record<string, number>>])[] = [
  ['', 18000, { v1: 1 }],
  ['apps', 17800, { v1: 15 }],
  ['events.k8s.io', 17750, { v1: 15, v1beta1: 5 }],
  ['authentication.k8s.io', 17700, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  ['authorization.k8s.io', 17600, { v1: 15 }],
  ['autoscaling', 17500, { v1: 15, v2: 30 }],
  ['batch', 17400, { v1: 15, v1beta1: 9 }],
  ['certificates.k8s.io', 17300, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  ['networking.k8s.io', 17200, { v1: 15, v1beta1: 9 }],
  ['policy', 17100, { v1: 15, v1beta1: 9 }],
  ['rbac.authorization.k8s.io', 17000, { v1: 15 }],
  ['storage.k8s.io', 16800, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  ['apiextensions.k8s.io', 16700, { v1: 15 }],
  ['admissionregistration.k8s.io', 16700, { v1: 15, v1beta1: 12, v1alpha1: 9 }],
  ['scheduling.k8s.io', 16600, { v1: 15, v1beta1: 9, v1alpha3: 3 }],
  ['coordination.k8s.io', 16500, { v1: 15, v1beta1: 13, v1alpha2: 12 }],
  ['node.k8s.io', 16300, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  ['discovery.k8s.io', 16200, { v1: 15, v1beta1: 12 }],
  ['resource.k8s.io', 16200, { v1: 21, v1beta2: 15, v1beta1: 9, v1alpha3: 1 }],
  ['flowcontrol.apiserver.k8s.io', 16100, { v1: 21, v1beta3: 18, v1beta2: 15, v1beta1: 12, v1alpha1: 9 }],
  ['internal.apiserver.k8s.io', 16000, { v1alpha1: 9 }],
  ['storagemigration.k8s.io', 15800, { v1: 15, v1beta1: 9 }],
  ['lifecycle.k8s.io', 15700, { v1alpha1: 1 }],
]

/** The aggregation's own group stands first; it has no APIService. */
export const registrationGroup = 'apiregistration.k8s.io'
const registrationPriority = 20_001

/** Versions of custom resources: all alike, so that their names order them. */
export const customPriority: Priority = { group: 1000, version: 100 }

const byGroup = new Map(table.map(([group, priority, versions]) => [group, { priority, versions }]))

/** Undefined: no built-in version of this name. */
export function builtInPriority(group: string, version: string): Priority | undefined {
  const found = byGroup.get(group)
  const own = found?.versions[version]
  return found && own !== undefined ? { group: found.priority, version: own } : undefined
}

/** For ordering discovery: of a group that is served here. */
export function groupPriority(group: string): number {
  return group === registrationGroup ? registrationPriority : (byGroup.get(group)?.priority ?? customPriority.group)
}
