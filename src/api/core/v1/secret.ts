import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { Secret } from '../../types.generated.ts'
import { tlsWarnings, validateSecret, validateSecretUpdate } from './secret/validation.ts'

export const secrets = defineKind<Secret>(
  { group: '', version: 'v1', kind: 'Secret' },
  {
    allowUnconditionalUpdate: true,
    selectableFieldNames: ['type'],
    selectableFields: ({ type }) => ({ type: type ?? '' }),
    setDefaults(draft) {
      draft.type ||= 'Opaque'
      // What clients send as text is kept as data, and never given back (pkg/apis/core/v1/conversion.go).
      for (const [key, text] of Object.entries(draft.stringData ?? {})) {
        draft.data = { ...draft.data, [key]: Buffer.from(text).toString('base64') }
      }
      delete draft.stringData
    },
    validate: validateSecret,
    validateUpdate: validateSecretUpdate,
    warnings: tlsWarnings,
    columns: [
      nameColumn,
      column('Type', 'string', ({ type }) => type ?? ''),
      column('Data', 'string', ({ data }) => Object.keys(data ?? {}).length),
      ageColumn,
    ],
  },
)
