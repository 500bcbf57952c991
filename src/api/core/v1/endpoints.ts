import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { Endpoints } from '../../types.generated.ts'
import { endpointsWarnings, validateSubsets } from './endpoints/validation.ts'

const shown = 3

/** pkg/printers/internalversion/printers.go formatEndpoints. */
function endpointsCell({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap(({ ports = [], addresses = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip)
    return ports.flatMap(({ port }) =>
      addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
    )
  })
  const text = all.slice(0, shown).join(',')
  return all.length > shown ? `${text} + ${all.length - shown} more...` : text
}

export const endpoints = defineKind<Endpoints>(
  { group: '', version: 'v1', kind: 'Endpoints' },
  {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      for (const { ports = [] } of draft.subsets ?? []) for (const port of ports) port.protocol ||= 'TCP'
    },
    validate: ({ subsets }) => validateSubsets(subsets),
    // What is stored already was right once.
    validateUpdate: ({ subsets }, old) => (jsonEqual(subsets, old.subsets) ? [] : validateSubsets(subsets)),
    warnings: endpointsWarnings,
    columns: [nameColumn, column('Endpoints', 'string', endpointsCell), ageColumn],
  },
)
