import { evaluatorFor } from '../../../api/quota/evaluators.ts'
import { internalError } from '../../../machinery/errors.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import type { LimitedResource } from './limited-resources.ts'
import { createQuotaLedger } from './quota-ledger.ts'

/**
 * Keeps namespaces within their quotas (apiserver pkg/admission/plugin/resourcequota). `limited`: what may be used only where
 * a quota covers it.
 */
export function createResourceQuota(
  services: Pick<AdmissionServices, 'lister' | 'writer' | 'clock'>,
  limited: readonly LimitedResource[] = [],
): AdmissionPlugin {
  const ledger = createQuotaLedger(services)
  return {
    name: 'ResourceQuota',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      const { operation, subresource, namespace, resource, object, oldObject, kind, dryRun } = attributes
      if (namespace === '' || object === undefined || (kind.group === '' && kind.kind === 'Namespace')) return
      const evaluator = evaluatorFor(resource)
      const mine = limited.filter((one) => one.apiGroup === resource.group && one.resource === resource.resource)
      const request = {
        operation,
        subresource,
        object: object as KubeObject,
        old: oldObject,
        limited: mine.length > 0 ? mine : undefined,
      }
      if (evaluator === undefined || !evaluator.handles(request)) return
      const charging = ledger.charge(namespace, request, evaluator, dryRun)
      if (charging === undefined) return
      return charging.then(
        (why) => {
          if (why !== undefined) throw refusal(attributes, why)
        },
        (error: unknown) => {
          throw internalError(error)
        },
      )
    },
  }
}
