import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { compareQuantities } from '../../../machinery/quantity.ts'
import type { ResourceQuota } from '../../types.generated.ts'
import { validateQuotaStatus, validateResourceQuota, validateResourceQuotaUpdate } from './resource-quota-validation.ts'

const isLimit = (resource: string) => resource.startsWith('limits.')

function usageCell({ status }: ResourceQuota, wanted: (resource: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {}
  const resources = Object.keys(hard).filter(wanted).sort()
  return resources.map((resource) => `${resource}: ${used[resource] ?? '0'}/${hard[resource]}`).join(', ')
}

function warnings({ spec }: ResourceQuota): string[] {
  const hard = spec?.hard ?? {}
  const texts: string[] = []
  for (const resource of ['cpu', 'memory', 'storage', 'ephemeral-storage']) {
    let name = `requests.${resource}`
    if (hard[name] === undefined && (resource === 'cpu' || resource === 'memory')) name = resource
    const limitName = `limits.${resource}`
    const [request, limit] = [hard[name], hard[limitName]]
    if (request === undefined || limit === undefined || compareQuantities(request, limit) <= 0) continue
    texts.push(`ResourceQuota ${name} (${request}) should be less than ${limitName} (${limit})`)
  }
  return texts
}

export const resourceQuotas = defineKind<ResourceQuota>(
  { group: '', version: 'v1', kind: 'ResourceQuota' },
  {
    generation: false,
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    validate: validateResourceQuota,
    validateUpdate: validateResourceQuotaUpdate,
    subresources: { status: { validateUpdate: ({ status }) => validateQuotaStatus(status) } },
    warnings: (quota, old) => (old === undefined ? warnings(quota) : []),
    columns: [
      nameColumn,
      column('Request', 'string', (quota) => usageCell(quota, (resource) => !isLimit(resource))),
      column('Limit', 'string', (quota) => usageCell(quota, isLimit)),
      ageColumn,
    ],
  },
)
