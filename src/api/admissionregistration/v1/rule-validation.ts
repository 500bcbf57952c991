import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { pathSegment } from '../../../machinery/validation/value-formats.ts'
import { checkField, checkOneOf } from '../../field-checks.ts'
import type { NamedRuleWithOperations, RuleWithOperations } from '../../types.generated.ts'

/** What requests a webhook or a policy is for (pkg/apis/admissionregistration/validation). */
const operations: readonly string[] = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes: readonly string[] = ['*', 'Cluster', 'Namespaced']

export function validateNamedRule(rule: NamedRuleWithOperations, field: string): FieldError[] {
  const names = new Set<string>()
  const errors = (rule.resourceNames ?? []).flatMap((name, index) => {
    const at = `${field}.resourceNames[${index}]`
    const faults = checkField(name, at, (text) => pathSegment(text))
    if (names.has(name)) faults.push(fieldErrors.duplicate(at, name))
    names.add(name)
    return faults
  })
  return [...errors, ...validateRule(rule, field)]
}

export function validateRule(rule: RuleWithOperations, field: string): FieldError[] {
  const errors = checkList(rule.operations ?? [], `${field}.operations`, 'operations')
  for (const [index, operation] of (rule.operations ?? []).entries()) {
    errors.push(...checkOneOf(operation, `${field}.operations[${index}]`, operations))
  }
  errors.push(...checkList(rule.apiGroups ?? [], `${field}.apiGroups`, 'API groups'))
  errors.push(...checkList(rule.apiVersions ?? [], `${field}.apiVersions`, 'API versions'))
  for (const [index, version] of (rule.apiVersions ?? []).entries()) {
    if (version === '') errors.push(fieldErrors.required(`${field}.apiVersions[${index}]`))
  }
  errors.push(...validateResources(rule.resources ?? [], `${field}.resources`))
  if (rule.scope !== undefined) errors.push(...checkOneOf(rule.scope, `${field}.scope`, scopes))
  return errors
}

function checkList(list: readonly string[], field: string, what: string): FieldError[] {
  if (list.length === 0) return [fieldErrors.required(field)]
  if (list.length === 1 || !list.includes('*')) return []
  return [fieldErrors.invalid(field, list, `if '*' is present, must not specify other ${what}`)]
}

function validateResources(resources: readonly string[], field: string): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [fieldErrors.required(field)] : []
  const wholeResources = new Set<string>()
  const wholeSubresources = new Set<string>()
  let lastIsPlain = false
  for (const [index, resource] of resources.entries()) {
    const at = `${field}[${index}]`
    if (resource === '') {
      errors.push(fieldErrors.required(at))
      continue
    }
    const slash = resource.indexOf('/')
    if (slash < 0) {
      // Upstream remembers only the last of those without subresource.
      lastIsPlain = resource !== '*'
      continue
    }
    const [name, sub] = [resource.slice(0, slash), resource.slice(slash + 1)]
    const wrong = (all: string) =>
      errors.push(fieldErrors.invalid(at, resource, `if '${all}' is present, must not specify ${resource}`))
    if (wholeResources.has(name)) wrong(`${name}/*`)
    if (wholeSubresources.has(sub)) wrong(`*/${sub}`)
    if (sub === '*') wholeResources.add(name)
    if (name === '*') wholeSubresources.add(sub)
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(fieldErrors.invalid(field, resources, "if '*/*' is present, must not specify other resources"))
  }
  if (resources.includes('*') && lastIsPlain) {
    const detail = "if '*' is present, must not specify other resources without subresources"
    errors.push(fieldErrors.invalid(field, resources, detail))
  }
  return errors
}
