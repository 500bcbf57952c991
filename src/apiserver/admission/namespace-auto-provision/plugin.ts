import { namespaces } from '../../../api/core/v1/namespace.ts'
import { isReason } from '../../../machinery/errors.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/** A namespace comes into being with the first thing in it (plugin/pkg/admission/namespace/autoprovision). */
export function createNamespaceAutoProvision({
  lister,
  writer,
}: Pick<AdmissionServices, 'lister' | 'writer'>): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    handles: (operation) => operation === 'CREATE',
    async mutate(attributes) {
      const { namespace, kind, dryRun } = attributes
      if (dryRun || namespace === '' || (kind.group === '' && kind.kind === 'Namespace')) return
      if (lister.get(namespaces, '', namespace) !== undefined) return
      const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } as KubeObject
      try {
        await writer.create(namespaces, made)
      } catch (error) {
        if (!isReason(error, 'AlreadyExists')) throw refusal(attributes, (error as Error).message)
      }
    },
  }
}
