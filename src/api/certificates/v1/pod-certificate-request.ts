import { column, labelsCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { PodCertificateRequest } from '../../types.generated.ts'
import { validatePodCertificateRequestStatus } from './pod-certificate-request/status-validation.ts'
import {
  validatePodCertificateRequest,
  validatePodCertificateRequestUpdate,
} from './pod-certificate-request/validation.ts'

const states = ['Issued', 'Denied', 'Failed']

export const podCertificateRequests = defineKind<PodCertificateRequest>(
  { group: 'certificates.k8s.io', version: 'v1', kind: 'PodCertificateRequest' },
  {
    featureGate: 'PodCertificateRequest',
    generation: false,
    validate: validatePodCertificateRequest,
    validateUpdate: validatePodCertificateRequestUpdate,
    hidesNamespaceField: true,
    selectableFieldNames: ['spec.signerName', 'spec.podName', 'spec.nodeName'],
    selectableFields: ({ spec }) => ({
      'spec.signerName': spec.signerName,
      'spec.podName': spec.podName,
      'spec.nodeName': spec.nodeName,
    }),
    columns: [
      nameColumn,
      column('PodName', 'string', ({ spec }) => spec.podName),
      column('ServiceAccountName', 'string', ({ spec }) => spec.serviceAccountName),
      column('NodeName', 'string', ({ spec }) => spec.nodeName),
      column('SignerName', 'string', ({ spec }) => spec.signerName),
      column(
        'State',
        'string',
        ({ status }) => status?.conditions?.findLast(({ type }) => states.includes(type))?.type ?? 'Pending',
      ),
      column('UnverifiedUserAnnotations', 'string', ({ spec }) => labelsCell(spec.unverifiedUserAnnotations)),
    ],
    subresources: {
      status: {
        ...statusWithoutMetadata,
        validateUpdate: (request, old, { now }) => validatePodCertificateRequestStatus(request, old, now),
      },
    },
  },
)
