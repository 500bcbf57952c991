import { defineKind } from '../../define-kind.ts'
import type { LimitRange } from '../../types.generated.ts'
import { validateLimitRange } from './limit-range-validation.ts'

export const limitRanges = defineKind<LimitRange>(
  { group: '', version: 'v1', kind: 'LimitRange' },
  {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    prepareForCreate({ metadata }) {
      metadata.name ||= metadata.uid
    },
    validate: validateLimitRange,
    validateUpdate: validateLimitRange,
    setDefaults({ spec }) {
      for (const item of spec?.limits ?? []) {
        if (item.type !== 'Container') continue
        // Each rests on the one before: max, default limit, default request; then min.
        const limits = { ...item.max, ...item.default }
        const requests = { ...item.min, ...limits, ...item.defaultRequest }
        if (Object.keys(limits).length > 0) item.default = limits
        if (Object.keys(requests).length > 0) item.defaultRequest = requests
      }
    },
  },
)
