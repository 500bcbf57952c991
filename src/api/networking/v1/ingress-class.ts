import { ageColumn, column } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { IngressClass } from '../../types.generated.ts'
import { validateIngressClass, validateIngressClassUpdate } from './ingress-class-validation.ts'

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class'

function parametersCell({ spec }: IngressClass): string {
  const { kind, apiGroup, name } = spec?.parameters ?? {}
  if (spec?.parameters === undefined) return '<none>'
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`
}

export const ingressClasses = defineKind<IngressClass>(
  { group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass' },
  {
    ...countsGeneration<IngressClass>('spec'),
    allowUnconditionalUpdate: true,
    validate: validateIngressClass,
    validateUpdate: validateIngressClassUpdate,
    setDefaults({ spec }) {
      if (spec?.parameters !== undefined) spec.parameters.scope ??= 'Cluster'
    },
    columns: [
      column(
        'Name',
        'string',
        ({ metadata }) => `${metadata.name}${metadata.annotations?.[defaultAnnotation] === 'true' ? ' (default)' : ''}`,
        { format: 'name' },
      ),
      column('Controller', 'string', ({ spec }) => spec?.controller ?? ''),
      column('Parameters', 'string', parametersCell),
      ageColumn,
    ],
  },
)
