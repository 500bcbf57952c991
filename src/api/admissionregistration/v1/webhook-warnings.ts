import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { RuleWithOperations } from '../../types.generated.ts'
import { excludedResources } from './excluded-resources.ts'
import { reservedNameWarnings } from './reserved-names.ts'

type Configuration = KubeObject & {
  readonly webhooks?: readonly { readonly rules?: readonly RuleWithOperations[] }[] | null
}

/** pkg/apis/admissionregistration/validation/warnings.go. */
export function webhookWarnings(configuration: Configuration, old: Configuration | undefined): string[] {
  const warnings = reservedNameWarnings(configuration, old)
  for (const [index, { rules }] of (configuration.webhooks ?? []).entries()) {
    for (const [at, rule] of (rules ?? []).entries()) {
      for (const resource of excludedOf(rule)) {
        const where = `webhooks[${index}].rules[${at}]`
        warnings.push(`${where}: ${resource} is excluded from admission webhooks; this rule will have no effect`)
      }
    }
  }
  return warnings
}

function excludedOf({ apiGroups, resources }: RuleWithOperations): Set<string> {
  const named = (apiGroups ?? []).flatMap((group) => (resources ?? []).map((resource) => `${resource}.${group}`))
  if (apiGroups?.includes('*') || resources?.includes('*')) return new Set()
  return new Set(named.filter((resource) => excludedResources.has(resource)))
}
