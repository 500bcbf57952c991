import { namespaces } from '../../../api/core/v1/namespace.ts'
import { notFound } from '../../../machinery/errors.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/** Nothing happens in a namespace that is not there (plugin/pkg/admission/namespace/exists). */
export function createNamespaceExists({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    handles: (operation) => operation !== 'CONNECT',
    async validate({ namespace, kind }) {
      if (namespace === '' || (kind.group === '' && kind.kind === 'Namespace')) return
      const known = lister.get(namespaces, '', namespace) ?? (await lister.getLive(namespaces, '', namespace))
      if (known === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace)
    },
  }
}
