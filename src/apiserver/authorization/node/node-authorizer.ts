import { defaultFeatureGates, type FeatureEnabled } from '../../../api/features/feature-gates.ts'
import type { PolicyRule } from '../../../api/types.generated.ts'
import type { AuthorizationAttributes, AuthorizationResult, Authorizer } from '../authorizer.ts'
import { ruleAllows } from '../rbac/rule.ts'
import type { NodeGraph, Touchable } from './node-graph.ts'
import { nodeIdentity } from './node-identity.ts'

const allow: AuthorizationResult = { decision: 'allow', reason: '' }
const noOpinion = (reason = ''): AuthorizationResult => ({ decision: 'noOpinion', reason })

/**
 * What kubelets may do: their own node, lease and CSINode, pods bound to them, and what those pods refer to
 * (plugin/pkg/auth/authorizer/node/node_authorizer.go). `nodeRules`: what every node may, upstream's system:node.
 */
export function createNodeAuthorizer(options: {
  readonly graph: NodeGraph
  readonly nodeRules: readonly PolicyRule[]
  readonly enabled?: FeatureEnabled
}): Authorizer {
  const { graph, nodeRules, enabled = defaultFeatureGates.enabled } = options

  const related = (
    node: string,
    kind: Touchable,
    { namespace, name }: AuthorizationAttributes,
  ): AuthorizationResult => {
    if (name === '') return noOpinion('No Object name found')
    if (graph.isRelated(node, kind, namespace, name)) return allow
    return noOpinion(`no relationship found between node '${node}' and this object`)
  }
  const get = (node: string, kind: Touchable, attributes: AuthorizationAttributes): AuthorizationResult => {
    if (attributes.verb !== 'get') return noOpinion('can only get individual resources of this type')
    if (attributes.subresource !== '') return noOpinion('cannot get subresource')
    return related(node, kind, attributes)
  }
  const read = (node: string, kind: Touchable, attributes: AuthorizationAttributes): AuthorizationResult => {
    if (!['get', 'list', 'watch'].includes(attributes.verb)) return noOpinion('can only read resources of this type')
    if (attributes.subresource !== '') return noOpinion('cannot read subresource')
    if (attributes.namespace === '') return noOpinion('can only read namespaced object of this type')
    return related(node, kind, attributes)
  }

  /** By `resource.group`. */
  const resources: Readonly<
    Record<string, (node: string, attributes: AuthorizationAttributes) => AuthorizationResult>
  > = {
    'secrets.': (node, attributes) => read(node, 'secret', attributes),
    'configmaps.': (node, attributes) => read(node, 'configMap', attributes),
    'persistentvolumeclaims.': (node, attributes) => {
      if (attributes.subresource !== 'status') return get(node, 'persistentVolumeClaim', attributes)
      if (attributes.verb !== 'update' && attributes.verb !== 'patch')
        return noOpinion('can only get/update/patch this type')
      return related(node, 'persistentVolumeClaim', attributes)
    },
    'persistentvolumes.': (node, attributes) => get(node, 'persistentVolume', attributes),
    'resourceclaims.resource.k8s.io': (node, attributes) => get(node, 'resourceClaim', attributes),
    'volumeattachments.storage.k8s.io': (node, attributes) => get(node, 'volumeAttachment', attributes),
    'serviceaccounts.': (node, attributes) => {
      const { verb, subresource, namespace, name } = attributes
      if (verb === 'get' && subresource === '')
        return enabled('KubeletServiceAccountTokenForCredentialProviders') || enabled('PodCertificateRequest')
          ? read(node, 'serviceAccount', attributes)
          : noOpinion('not allowed to get service accounts')
      if (verb !== 'create' || name === '') return noOpinion('can only create tokens for individual service accounts')
      if (subresource !== 'token') return noOpinion('can only create token subresource of serviceaccount')
      if (graph.isRelated(node, 'serviceAccount', namespace, name)) return allow
      return noOpinion(`no relationship found between node '${node}' and this object`)
    },
    'leases.coordination.k8s.io': (node, { verb, namespace, name }) => {
      if (!ownObjectVerbs.includes(verb))
        return noOpinion('can only get, create, update, patch, or delete a node lease')
      if (namespace !== 'kube-node-lease')
        return noOpinion('can only access leases in the "kube-node-lease" system namespace')
      if (verb !== 'create' && name !== node)
        return noOpinion('can only access node lease with the same name as the requesting node')
      return allow
    },
    'csinodes.storage.k8s.io': (node, { verb, subresource, name }) => {
      if (subresource === 'status') {
        if (!enabled('CSIVolumeHealth')) return noOpinion('CSINode status access requires CSIVolumeHealth feature')
        if (!['get', 'update', 'patch'].includes(verb))
          return noOpinion('can only get, update, or patch CSINode status')
      } else if (subresource !== '') return noOpinion('cannot authorize CSINode subresources')
      else if (!ownObjectVerbs.includes(verb))
        return noOpinion('can only get, create, update, patch, or delete a CSINode')
      if (verb !== 'create' && name !== node)
        return noOpinion('can only access CSINode with the same name as the requesting node')
      return allow
    },
    'resourceslices.resource.k8s.io': (node, attributes) => {
      const { verb, subresource } = attributes
      if (subresource !== '') return noOpinion('cannot authorize ResourceSlice subresources')
      if (verb === 'create') return allow
      if (['get', 'update', 'patch', 'delete'].includes(verb)) return related(node, 'resourceSlice', attributes)
      if (!['watch', 'list', 'deletecollection'].includes(verb))
        return noOpinion(
          'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
        )
      return selects(attributes, 'spec.nodeName', node)
        ? allow
        : noOpinion('can only list/watch/deletecollection resourceslices with nodeName field selector')
    },
    'nodes.': (node, { verb, subresource, name }) => {
      if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : noOpinion()
      if (subresource !== '') return noOpinion()
      if (['create', 'update', 'patch'].includes(verb)) return allow
      if (!['get', 'list', 'watch'].includes(verb)) return noOpinion()
      if (name === node) return allow
      return noOpinion(
        name === ''
          ? `node '${node}' cannot read all nodes, only its own Node object`
          : `node '${node}' cannot read '${name}', only its own Node object`,
      )
    },
    'pods.': (node, attributes) => {
      const { verb, subresource, name } = attributes
      if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : noOpinion()
      if (subresource === 'eviction') return verb === 'create' ? allow : noOpinion()
      if (subresource !== '') return noOpinion()
      if (verb === 'get') return get(node, 'pod', attributes)
      if (verb === 'create' || verb === 'delete') return allow
      if (verb !== 'list' && verb !== 'watch') return noOpinion()
      if (selects(attributes, 'spec.nodeName', node)) return allow
      if (name !== '') return related(node, 'pod', attributes)
      return noOpinion('can only list/watch pods with spec.nodeName field selector')
    },
    'podcertificaterequests.certificates.k8s.io': (node, attributes) => {
      const { verb, subresource } = attributes
      if (subresource !== '') return noOpinion('nodes may not access the status subresource of PodCertificateRequests')
      if (verb === 'create') return allow
      if (verb === 'get') return related(node, 'podCertificateRequest', attributes)
      if (verb !== 'list' && verb !== 'watch') return noOpinion(`nodes may not ${verb} podcertificaterequests`)
      return selects(attributes, 'spec.nodeName', node)
        ? allow
        : noOpinion('can only list/watch podcertificaterequests with nodeName field selector')
    },
  }
  return {
    authorize(attributes) {
      const node = nodeIdentity(attributes.user)
      if (node === undefined) return noOpinion()
      if (node === '') return noOpinion(`unknown node for user ${JSON.stringify(attributes.user.name)}`)
      const rule = attributes.resourceRequest ? resources[`${attributes.resource}.${attributes.apiGroup}`] : undefined
      if (rule !== undefined) return rule(node, attributes)
      return nodeRules.some((nodeRule) => ruleAllows(nodeRule, attributes)) ? allow : noOpinion()
    },
    async rulesFor(user) {
      const isNode = nodeIdentity(user) !== undefined
      return {
        resourceRules: [],
        nonResourceRules: [],
        incomplete: isNode,
        evaluationError: isNode ? 'node authorizer does not support user rule resolution' : undefined,
      }
    },
  }
}

const ownObjectVerbs: readonly string[] = ['get', 'create', 'update', 'patch', 'delete']

function selects({ fieldSelector = [] }: AuthorizationAttributes, field: string, value: string): boolean {
  return fieldSelector.some(
    ({ key, operator, values }) =>
      key === field &&
      (operator === '=' || operator === '==' || operator === 'In') &&
      values.length === 1 &&
      values[0] === value,
  )
}
