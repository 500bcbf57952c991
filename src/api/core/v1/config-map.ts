import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { ConfigMap } from '../../types.generated.ts'

const count = (object: object | undefined) => Object.keys(object ?? {}).length

export const configMaps = defineKind<ConfigMap>(
  { group: '', version: 'v1', kind: 'ConfigMap' },
  {
    allowUnconditionalUpdate: true,
    columns: [
      nameColumn,
      column('Data', 'string', ({ data, binaryData }) => count(data) + count(binaryData)),
      ageColumn,
    ],
  },
)
