import { parseYaml } from '../../machinery/codec/yaml/parse-yaml.ts'
import { aggregate } from '../../machinery/errors.ts'
import { errorText, type FieldError, fieldErrors } from '../../machinery/field-error.ts'
import { isObject } from '../../machinery/json.ts'
import { dns1123Subdomain } from '../../machinery/validation/dns-names.ts'
import { auditLevels, auditStages } from './event.ts'
import type { AuditPolicy, AuditRule } from './policy.ts'

/** Reads the text of a policy file, YAML or JSON. Throws Error with upstream's words when it is none (pkg/audit/policy/reader.go). */
export function readAuditPolicy(text: string): AuditPolicy {
  const { value } = parseYaml(text)
  const { kind, apiVersion } = isObject(value) ? value : {}
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy')
    throw new Error(`unknown group version field ${String(apiVersion)}, Kind=${String(kind)} in policy`)
  const policy = value as unknown as AuditPolicy
  const errors = validate(policy)
  if (errors.length > 0) throw new Error(aggregate(errors.map(errorText)))
  if ((policy.rules ?? []).length === 0) throw new Error('loaded illegal policy with 0 rules')
  return policy
}

/** apiserver pkg/apis/audit/validation. */
function validate(policy: AuditPolicy): FieldError[] {
  return [
    ...stageErrors(policy.omitStages, 'omitStages'),
    ...(policy.rules ?? []).flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`)),
  ]
}

function ruleErrors(rule: AuditRule, path: string): FieldError[] {
  const { level, nonResourceURLs, resources, namespaces, omitStages } = rule
  const both = (nonResourceURLs ?? []).length > 0 && (resources ?? []).length + (namespaces ?? []).length > 0
  return [
    ...(level ? [] : [fieldErrors.required(`${path}.level`, '')]),
    ...(level && !auditLevels.includes(level) ? [fieldErrors.notSupported(`${path}.level`, level, auditLevels)] : []),
    ...(nonResourceURLs ?? []).flatMap((url, index) => pathErrors(url, `${path}.nonResourceURLs[${index}]`)),
    ...(resources ?? []).flatMap(({ group = '', resources: names, resourceNames }) => [
      ...(group === '' || group === '*'
        ? []
        : dns1123Subdomain(group).map((why) => fieldErrors.invalid(`${path}.resources.group`, group, why))),
      ...((resourceNames ?? []).length > 0 && (names ?? []).length === 0
        ? [
            fieldErrors.invalid(
              `${path}.resources.resourceNames`,
              resourceNames,
              'using resourceNames requires at least one resource',
            ),
          ]
        : []),
    ]),
    ...stageErrors(omitStages, `${path}.omitStages`),
    ...(both
      ? [
          fieldErrors.invalid(
            `${path}.nonResourceURLs`,
            nonResourceURLs,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        ]
      : []),
  ]
}

function pathErrors(url: string, path: string): FieldError[] {
  if (url === '*') return []
  const start = url.startsWith('/') ? [] : ["non-resource URL rules must begin with a '/' character"]
  const star = url.slice(0, -1).includes('*')
    ? ["non-resource URL wildcards '*' must be the final character of the rule"]
    : []
  return [...start, ...star].map((why) => fieldErrors.invalid(path, url, why))
}

function stageErrors(stages: AuditPolicy['omitStages'], path: string): FieldError[] {
  return (stages ?? []).flatMap((stage, index) =>
    auditStages.includes(stage)
      ? []
      : [fieldErrors.invalid(`${path}[${index}]`, stage, `allowed stages are ${auditStages.join(',')}`)],
  )
}
