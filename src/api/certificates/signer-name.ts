import { fieldErrors, goQuote, type FieldError } from '../../machinery/field-error.ts'
import {
  dns1123Label,
  dns1123Subdomain,
  maxLabelLength,
  maxSubdomainLength,
} from '../../machinery/validation/dns-names.ts'
import { byteLength } from '../../machinery/validation/message-text.ts'
import { nameChecks, type NameCheck } from '../../machinery/validation/object-name.ts'

/** Names of signers, `example.com/name` (pkg/apis/core/validation/names.go). */
export function validateSignerName(name: string, field: string): FieldError[] {
  if (!name) return [fieldErrors.required(field)]
  const [domain = '', path = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return [fieldErrors.invalid(field, name, detail)]
  }
  const errors: FieldError[] = []
  if (byteLength(domain) > maxSubdomainLength) errors.push(fieldErrors.tooLong(field, '', maxSubdomainLength))
  errors.push(...firstBadLabel(domain, field, dns1123Label))
  if (!domain.includes('.')) {
    const detail = 'should be a domain with at least two segments separated by dots'
    errors.push(fieldErrors.invalid(field, domain, detail))
  }
  errors.push(...firstBadLabel(path, field, dns1123Subdomain))
  const maxLength = maxSubdomainLength + 1 + maxSubdomainLength + maxLabelLength + 1
  if (byteLength(name) > maxLength) errors.push(fieldErrors.tooLong(field, '', maxLength))
  return errors
}

function firstBadLabel(segment: string, field: string, check: (label: string) => string[]): FieldError[] {
  for (const label of segment.split('.')) {
    const texts = check(label)
    if (texts.length === 0) continue
    return texts.map((text) => fieldErrors.invalid(field, segment, `validating label ${goQuote(label)}: ${text}`))
  }
  return []
}

/** Whether a signer is one of Kubernetes' own. */
export function isKubernetesSigner(name: string): boolean {
  const [host = ''] = name.split('/')
  return host === 'kubernetes.io' || host.endsWith('.kubernetes.io')
}

/** The name of a ClusterTrustBundle, which begins with that of its signer. */
export function clusterTrustBundleName(signerName: string): NameCheck {
  if (signerName === '') {
    return (name, isPrefix) =>
      name.includes(':')
        ? ['ClusterTrustBundle without signer name must not have ":" in its name']
        : nameChecks.dns1123Subdomain(name, isPrefix)
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`
  return (name, isPrefix) =>
    name.startsWith(prefix)
      ? nameChecks.dns1123Subdomain(name.slice(prefix.length), isPrefix)
      : [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`]
}

/** The signer that a bundle's name says; '' when it says none. */
export function signerOfClusterTrustBundle(name: string): string | undefined {
  const end = name.lastIndexOf(':')
  return end < 0 ? undefined : name.slice(0, end).replaceAll(':', '/')
}
