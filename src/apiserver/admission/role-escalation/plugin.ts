import { refuseEscalation } from '../../authorization/rbac/escalation.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

const resources: readonly string[] = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']

/**
 * Nobody grants what he does not hold. Upstream checks it between mutating admission and validation, in the storage of
 * these kinds (pkg/registry/rbac/*\/policybased); this is the same moment.
 */
export function createRoleEscalation({
  rules,
  authorizer,
}: Pick<AdmissionServices, 'rules' | 'authorizer'>): AdmissionPlugin {
  return {
    name: 'RoleEscalation',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      const { resource, subresource, user, namespace, name, object, oldObject } = attributes
      if (resource.group !== 'rbac.authorization.k8s.io' || subresource !== '' || object === undefined) return
      if (!resources.includes(resource.resource)) return
      return refuseEscalation(
        { user, resource: resource.resource, namespace, name, object, old: oldObject },
        rules,
        authorizer,
      )
    },
  }
}
