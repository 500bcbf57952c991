import type { FieldError } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { ResourceClaim, ResourceClaimTemplate } from '../../../api/types.generated.ts'
import type { FeatureEnabled } from '../../../api/features/feature-gates.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import type { WriteScope } from '../write-scope.ts'
import type { RegistryHooks } from '../registry-hooks.ts'
import { checkAdminRequests, checkAdminResults, type ReadNamespace } from './admin-access.ts'
import { checkBinding, checkDrivers } from './status-authorization.ts'

export interface ClaimServices {
  readonly readNamespace: ReadNamespace
  readonly authorizer: Authorizer
  readonly enabled: FeatureEnabled
}

/** ResourceClaims: what a claim may ask for depends on its namespace, what its status may say on who says it. */
export function claimHooks({ readNamespace, authorizer, enabled }: ClaimServices): RegistryHooks {
  return {
    async faults(object, old, scope) {
      const { spec, status = {} } = object as ResourceClaim
      const { namespace } = scope
      // The spec cannot change.
      if (old === undefined) return checkAdminRequests(spec.devices?.requests, namespace, readNamespace)
      if (scope.subresource !== 'status') return []
      const { status: before = {} } = old as ResourceClaim
      const write = { ...scope, authorizer }
      const ofAdmins = await checkAdminResults(
        status.allocation?.devices?.results,
        before.allocation?.devices?.results,
        namespace,
        readNamespace,
      )
      if (!enabled('DRAResourceClaimGranularStatusAuthorization')) return ofAdmins
      return [
        ...ofAdmins,
        ...(await checkBinding(status, before, write)),
        ...(await checkDrivers(status, before, write)),
      ]
    },
  }
}

export function claimTemplateHooks({ readNamespace }: ClaimServices): RegistryHooks {
  const faults = (
    object: KubeObject,
    old: KubeObject | undefined,
    { namespace }: WriteScope,
  ): Promise<FieldError[]> => {
    const { spec } = object as ResourceClaimTemplate
    return old === undefined
      ? checkAdminRequests(spec.spec?.devices?.requests, namespace, readNamespace)
      : Promise.resolve([])
  }
  return { faults }
}
