import { column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { ClusterTrustBundle } from '../../types.generated.ts'
import { bundleName, validateTrustBundle, validateTrustBundleUpdate } from './cluster-trust-bundle/validation.ts'

export const clusterTrustBundles = defineKind<ClusterTrustBundle>(
  { group: 'certificates.k8s.io', version: 'v1', kind: 'ClusterTrustBundle' },
  {
    featureGate: 'ClusterTrustBundle',
    // Depends on the signer.
    nameRule: (name, isPrefix, bundle) => bundleName(name, isPrefix, (bundle as ClusterTrustBundle).spec.signerName),
    validate: (bundle) => validateTrustBundle(bundle),
    validateUpdate: validateTrustBundleUpdate,
    hidesNamespaceField: true,
    selectableFieldNames: ['spec.signerName'],
    selectableFields: ({ spec }) => ({ 'spec.signerName': spec.signerName ?? '' }),
    columns: [nameColumn, column('SignerName', 'string', ({ spec }) => spec.signerName || '<none>')],
  },
)
