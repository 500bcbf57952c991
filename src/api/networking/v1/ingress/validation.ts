import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  wildcardDns1123Subdomain,
} from '../../../../machinery/validation/dns-names.ts'
import { parseIp } from '../../../../machinery/validation/ip-address.ts'
import { legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { validateBalancerHost } from '../../../core/v1/load-balancer-host.ts'
import { checkField } from '../../../field-checks.ts'
import type { HTTPIngressPath, Ingress, IngressRule, IngressSpec } from '../../../types.generated.ts'
import { validateBackend, type BackendRules } from './backend-validation.ts'

/** pkg/apis/networking/validation ValidateIngressCreate and ValidateIngressUpdate. */
const classAnnotation = 'kubernetes.io/ingress.class'
const pathTypes: readonly string[] = ['Exact', 'ImplementationSpecific', 'Prefix']
const invalidSequences = ['//', '/./', '/../', '%2f', '%2F'] as const
const invalidSuffixes = ['/..', '/.'] as const

const current: BackendRules = { serviceName: dns1123Label }
const former: BackendRules = { serviceName: dns1035Label }

export function validateIngress({ metadata, spec = {} }: Ingress): FieldError[] {
  const errors = validateSpec(spec, {})
  const annotation = metadata.annotations?.[classAnnotation]
  const { ingressClassName } = spec
  if (annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName) {
    const detail = 'must match `ingressClassName` when both are specified'
    errors.push(fieldErrors.invalid(`annotations.${classAnnotation}`, annotation, detail))
  }
  return errors
}

export function validateIngressUpdate({ spec = {} }: Ingress, { spec: old = {} }: Ingress): FieldError[] {
  return validateSpec(spec, {
    invalidSecretNames: (old.tls ?? []).some(({ secretName = '' }) => secretNameFaults(secretName).length > 0),
    invalidWildcardRules: (old.rules ?? []).some(
      (rule) => rule.host?.includes('*') && validateRuleValue(rule, '', former).length > 0,
    ),
  })
}

/** What an old object may hold already. */
interface Allowed {
  readonly invalidSecretNames?: boolean
  readonly invalidWildcardRules?: boolean
}

function validateSpec(spec: IngressSpec, allowed: Allowed): FieldError[] {
  const { defaultBackend, ingressClassName, rules } = spec
  const errors: FieldError[] = []
  if (!rules?.length && defaultBackend === undefined) {
    errors.push(fieldErrors.invalid('spec', rules, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend', current))
  errors.push(...validateRules(rules ?? [], 'spec.rules', allowed))
  errors.push(...validateTls(spec, 'spec.tls', allowed))
  if (ingressClassName !== undefined) {
    errors.push(...checkField(ingressClassName, 'spec.ingressClassName', (name) => dns1123Subdomain(name)))
  }
  return errors
}

function hostFaults(host: string): string[] {
  return host.includes('*') ? wildcardDns1123Subdomain(host) : dns1123Subdomain(host)
}

function secretNameFaults(name: string): string[] {
  return name === '' ? [] : dns1123Subdomain(name)
}

function validateTls({ tls }: IngressSpec, field: string, allowed: Allowed): FieldError[] {
  return (tls ?? []).flatMap(({ hosts, secretName = '' }, index) => [
    ...(hosts ?? []).flatMap((host, at) => checkField(host, `${field}[${index}].hosts[${at}]`, hostFaults)),
    ...(allowed.invalidSecretNames ? [] : checkField(secretName, `${field}[${index}].secretName`, secretNameFaults)),
  ])
}

function validateRules(rules: readonly IngressRule[], field: string, allowed: Allowed): FieldError[] {
  return rules.flatMap((rule, index) => {
    const { host = '' } = rule
    const errors: FieldError[] = []
    const at = `${field}[${index}]`
    if (host !== '') {
      if (parseIp(host)) errors.push(fieldErrors.invalid(`${at}.host`, host, 'must be a DNS name, not an IP address'))
      errors.push(...checkField(host, `${at}.host`, hostFaults))
    }
    if (!host.includes('*') || !allowed.invalidWildcardRules) errors.push(...validateRuleValue(rule, at, current))
    return errors
  })
}

function validateRuleValue({ http }: IngressRule, field: string, rules: BackendRules): FieldError[] {
  if (!http) return []
  const { paths } = http
  if (!paths?.length) return [fieldErrors.required(`${field}.http.paths`)]
  return paths.flatMap((path, index) => validatePath(path, `${field}.http.paths[${index}]`, rules))
}

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, field: string, rules: BackendRules) {
  if (pathType == null) return [fieldErrors.required(`${field}.pathType`, 'pathType must be specified')]
  const errors: FieldError[] = []
  const wrong = (detail: string) => errors.push(fieldErrors.invalid(`${field}.path`, path, detail))
  switch (pathType) {
    case 'Exact':
    case 'Prefix':
      if (!path.startsWith('/')) wrong('must be an absolute path')
      for (const part of invalidSequences) if (path.includes(part)) wrong(`must not contain '${part}'`)
      for (const part of invalidSuffixes) if (path.endsWith(part)) wrong(`cannot end with '${part}'`)
      break
    case 'ImplementationSpecific':
      if (path !== '' && !path.startsWith('/')) wrong('must be an absolute path')
      break
    default:
      errors.push(fieldErrors.notSupported(`${field}.pathType`, pathType, pathTypes))
  }
  return [...errors, ...validateBackend(backend, `${field}.backend`, rules)]
}

export function validateIngressStatus({ status }: Ingress, old: Ingress): FieldError[] {
  const before = (old.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []))
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, index) => {
    const at = `status.loadBalancer.ingress[${index}]`
    return [
      ...(ip ? legacyIp(`${at}.ip`, ip, before) : []),
      ...(hostname ? validateBalancerHost(hostname, `${at}.hostname`) : []),
    ]
  })
}
