import { namespaces } from '../../../api/core/v1/namespace.ts'
import { forbidden, notFound } from '../../../machinery/errors.ts'
import { refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

const immortal: readonly string[] = ['default', 'kube-system', 'kube-public']

/**
 * Nothing is created in a namespace that is not there or is being deleted, and some namespaces never go (apiserver
 * pkg/admission/plugin/namespace/lifecycle).
 */
export function createNamespaceLifecycle({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE' || operation === 'DELETE',
    mutate(attributes) {
      const { operation, kind, resource, namespace, name } = attributes
      const isNamespace = kind.group === '' && kind.kind === 'Namespace'
      if (isNamespace && operation === 'DELETE' && immortal.includes(name))
        throw forbidden(resource, name, 'this namespace may not be deleted')
      if (isNamespace || namespace === '' || operation !== 'CREATE') return
      // Leave to ask does not need the namespace to be there.
      if (resource.group === 'authorization.k8s.io' && resource.resource === 'localsubjectaccessreviews') return
      const known = lister.get(namespaces, '', namespace)
      const check = (found: typeof known) => {
        if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace)
        if (found.status?.phase !== 'Terminating') return
        const why = `unable to create new content in namespace ${namespace} because it is being terminated`
        const message = `namespace ${namespace} is being terminated`
        throw refusal(attributes, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }])
      }
      if (known !== undefined) return check(known)
      return lister.getLive(namespaces, '', namespace).then(check)
    },
  }
}
