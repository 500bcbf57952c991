import { ageColumn, column, containerColumns, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { selectorOfLabelSelector } from '../../../machinery/labels/index.ts'
import { isUnchanged, podNameWarnings, setOrDelete } from '../../object-metadata.ts'
import { podTemplateWarnings } from '../../core/v1/pod/warnings.ts'
import type { Deployment } from '../../types.generated.ts'
import { validateDeployment, validateDeploymentStatus, validateDeploymentUpdate } from './deployment/validation.ts'

function selectorCell({ spec }: Deployment): string {
  try {
    return selectorOfLabelSelector(spec?.selector).toString()
  } catch {
    return '<invalid>'
  }
}

export const deployments = defineKind<Deployment>(
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      const spec = draft.spec!
      spec.replicas ??= 1
      const strategy = (spec.strategy ??= {})
      strategy.type ||= 'RollingUpdate'
      if (strategy.type === 'RollingUpdate') {
        const rollingUpdate = (strategy.rollingUpdate ??= {})
        rollingUpdate.maxUnavailable ??= '25%'
        rollingUpdate.maxSurge ??= '25%'
      }
      spec.revisionHistoryLimit ??= 10
      spec.progressDeadlineSeconds ??= 600
    },
    prepareForUpdate(draft, old) {
      // Changed annotations count too.
      if (jsonEqual(draft.metadata.annotations, old.metadata.annotations)) return
      draft.metadata.generation = (old.metadata.generation ?? 0) + 1
    },
    validate: validateDeployment,
    validateUpdate: validateDeploymentUpdate,
    warnings: (object, old) => [
      ...(old === undefined ? podNameWarnings(object.metadata.name!) : []),
      ...(isUnchanged(object, old) ? [] : podTemplateWarnings(object.spec?.template, 'spec.template')),
    ],
    columns: [
      nameColumn,
      column('Ready', 'string', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
      column('Up-to-date', 'string', ({ status }) => status?.updatedReplicas ?? 0),
      column('Available', 'string', ({ status }) => status?.availableReplicas ?? 0),
      ageColumn,
      ...containerColumns<Deployment>(({ spec }) => spec?.template?.spec),
      column('Selector', 'string', selectorCell, { wide: true }),
    ],
    subresources: {
      status: {
        prepareForUpdate(draft, old) {
          setOrDelete(draft.metadata, 'labels', old.metadata.labels)
        },
        validateUpdate: validateDeploymentStatus,
        resetFields: [['spec'], ['metadata', 'labels']],
      },
    },
  },
)
