import type { RoleFacts } from './role-facts.ts'

/** What a feature that is off by default adds: rules at the end of roles, and roles of controllers (bootstrappolicy/policy.go). */
export interface FeatureRoleFacts {
  readonly feature: string
  readonly rules: Readonly<Record<string, readonly string[]>>
  readonly controllers?: Readonly<Record<string, RoleFacts>>
}

const read = 'get,list,watch'
const write = 'create,delete,deletecollection,patch,update'
const scheduling = 'scheduling.k8s.io'
const lifecycle = 'lifecycle.k8s.io'

export const featureRoleFacts: readonly FeatureRoleFacts[] = [
  {
    feature: 'GenericWorkload',
    rules: {
      'system:aggregate-to-view': [`${read} ${scheduling} podgroups,podgroups/status,workloads`],
      'system:aggregate-to-edit': [`${write} ${scheduling} podgroups,workloads`],
      'system:kube-scheduler': [`${read} ${scheduling} podgroups`, `patch,update ${scheduling} podgroups/status`],
    },
    controllers: {
      'podgroup-protection-controller': {
        rules: [`get,list,update,watch ${scheduling} podgroups`, `${read} core pods`],
      },
    },
  },
  {
    feature: 'CompositePodGroup',
    rules: {
      'system:aggregate-to-view': [`${read} ${scheduling} compositepodgroups,compositepodgroups/status`],
      'system:aggregate-to-edit': [`${write} ${scheduling} compositepodgroups`],
      'system:kube-scheduler': [
        `${read} ${scheduling} compositepodgroups`,
        `patch,update ${scheduling} compositepodgroups/status`,
      ],
    },
  },
  {
    feature: 'EvictionRequestAPI',
    rules: {
      'system:aggregate-to-view': [`${read} ${lifecycle} evictionrequests,evictions`],
      'system:aggregate-to-edit': [`${write} ${lifecycle} evictionrequests`],
    },
  },
]
