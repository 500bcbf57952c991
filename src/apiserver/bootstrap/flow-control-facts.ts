import { mandatoryFlowSchemaSpecs, mandatoryPriorityLevelSpecs } from '../../api/flowcontrol/v1/mandatory.ts'
import type {
  FlowcontrolV1Subject,
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
} from '../../api/types.generated.ts'

/** Upstream's priority levels and flow schemas of v1.37.1 (apiserver pkg/apis/flowcontrol/bootstrap/default.go). */
const apiVersion = 'flowcontrol.apiserver.k8s.io/v1'
const metadata = (name: string) => ({ name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } })

/** Shares of the server's concurrency, percentage that others may borrow, and queues: count, hand size. */
const limited = (name: string, shares: number, lendablePercent: number, queues: number, handSize: number) =>
  ({
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: metadata(name),
    spec: {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: shares,
        lendablePercent,
        limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
      },
    },
    status: {},
  }) satisfies PriorityLevelConfiguration

/** These two are as they are, whatever people make of them. */
export const mandatoryPriorityLevels: readonly PriorityLevelConfiguration[] = Object.entries(
  mandatoryPriorityLevelSpecs,
).map(([name, spec]) => ({
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: metadata(name),
  spec,
  status: {},
}))
export const suggestedPriorityLevels: readonly PriorityLevelConfiguration[] = [
  limited('system', 30, 33, 64, 6),
  limited('node-high', 40, 25, 64, 6),
  limited('leader-election', 10, 0, 16, 4),
  limited('workload-high', 40, 50, 128, 6),
  limited('workload-low', 100, 90, 128, 6),
  limited('global-default', 20, 50, 128, 6),
]

const groups = (...names: string[]): FlowcontrolV1Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }))
const users = (...names: string[]): FlowcontrolV1Subject[] => names.map((name) => ({ kind: 'User', user: { name } }))
const kubeSystemServiceAccounts: FlowcontrolV1Subject = {
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'kube-system', name: '*' },
}
const every = ['*']
const everything: Pick<PolicyRulesWithSubjects, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [{ verbs: every, apiGroups: every, resources: every, clusterScope: true, namespaces: every }],
  nonResourceRules: [{ verbs: every, nonResourceURLs: every }],
}

const schema = (
  name: string,
  priorityLevel: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rules: PolicyRulesWithSubjects,
): FlowSchema => ({
  apiVersion,
  kind: 'FlowSchema',
  metadata: metadata(name),
  spec: {
    priorityLevelConfiguration: { name: priorityLevel },
    matchingPrecedence,
    ...(distinguisher === undefined ? {} : { distinguisherMethod: { type: distinguisher } }),
    rules: [rules],
  },
  status: {},
})

const everybody = groups('system:unauthenticated', 'system:authenticated')

export const mandatoryFlowSchemas: readonly FlowSchema[] = Object.entries(mandatoryFlowSchemaSpecs).map(
  ([name, spec]) => ({ apiVersion, kind: 'FlowSchema', metadata: metadata(name), spec, status: {} }),
)
export const suggestedFlowSchemas: readonly FlowSchema[] = [
  schema('system-nodes', 'system', 500, 'ByUser', { subjects: groups('system:nodes'), ...everything }),
  schema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: groups('system:nodes'),
    resourceRules: [
      { verbs: every, apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: every },
      { verbs: every, apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: every },
    ],
  }),
  schema('probes', 'exempt', 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), kubeSystemServiceAccounts],
    resourceRules: [
      {
        verbs: ['get', 'create', 'update'],
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        namespaces: every,
      },
    ],
  }),
  schema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', {
    subjects: users('system:kube-controller-manager'),
    ...everything,
  }),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', {
    subjects: users('system:kube-scheduler'),
    ...everything,
  }),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', {
    subjects: [kubeSystemServiceAccounts],
    ...everything,
  }),
  schema('service-accounts', 'workload-low', 9000, 'ByUser', {
    subjects: groups('system:serviceaccounts'),
    ...everything,
  }),
  schema('global-default', 'global-default', 9900, 'ByUser', { subjects: everybody, ...everything }),
]
