import { column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { ClusterTrustBundle } from '../../types.generated.ts'
import { validateTrustBundle, validateTrustBundleUpdate } from './cluster-trust-bundle/validation.ts'

export const clusterTrustBundles = defineKind<ClusterTrustBundle>(
  { group: 'certificates.k8s.io', version: 'v1', kind: 'ClusterTrustBundle' },
  {
    // Depends on the signer: see the validation.
    nameRule: 'any',
    validate: (bundle) => validateTrustBundle(bundle),
    validateUpdate: validateTrustBundleUpdate,
    hidesNamespaceField: true,
    selectableFieldNames: ['spec.signerName'],
    selectableFields: ({ spec }) => ({ 'spec.signerName': spec.signerName ?? '' }),
    columns: [nameColumn, column('SignerName', 'string', ({ spec }) => spec.signerName || '<none>')],
  },
)
