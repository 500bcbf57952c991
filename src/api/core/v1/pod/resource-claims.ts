import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import type { ObjectMeta } from '../../../../machinery/meta/object.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { checkField } from '../../../field-checks.ts'
import type { PodResourceClaim } from '../../../types.generated.ts'
import { mirrorAnnotation } from './annotations.ts'

/** Devices that a pod claims (pkg/apis/core/validation validatePodResourceClaims). `metadata`: known for pods only. */
export function validatePodClaims(
  claims: readonly PodResourceClaim[] = [],
  metadata: ObjectMeta | undefined,
  field: string,
): FieldError[] {
  const names = new Set<string>()
  return claims.flatMap((claim, index) => {
    if (metadata?.annotations?.[mirrorAnnotation] !== undefined) {
      return [fieldErrors.forbidden('', 'static pods do not support resource claims')]
    }
    const at = `${field}[${index}]`
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const errors: FieldError[] = []
    if (!name) errors.push(fieldErrors.required(`${at}.name`))
    else if (names.has(name)) errors.push(fieldErrors.duplicate(`${at}.name`, name))
    else errors.push(...checkField(name, `${at}.name`, dns1123Label))
    names.add(name)
    const internal = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const detail = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
      errors.push(fieldErrors.invalid(at, internal, detail))
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const detail = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
      errors.push(fieldErrors.invalid(at, internal, detail))
    }
    for (const member of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      if (claim[member] === undefined) continue
      errors.push(...checkField(claim[member], `${at}.${member}`, (text) => dns1123Subdomain(text)))
    }
    return errors
  })
}
