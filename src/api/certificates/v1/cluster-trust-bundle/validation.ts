import { X509Certificate } from 'node:crypto'
import { type FieldError, fieldErrors } from '../../../../machinery/field-error.ts'
import { nameChecks } from '../../../../machinery/validation/object-name.ts'
import { decodePem, type PemBlock } from '../../../../machinery/x509/pem.ts'
import { checkField } from '../../../field-checks.ts'
import type { ClusterTrustBundle } from '../../../types.generated.ts'
import { validateSignerName } from '../../signer-name.ts'

/** Rules of ClusterTrustBundles (pkg/apis/certificates/validation, pkg/apis/core/validation/names.go). */

const maxBundleBytes = 1024 * 1024

/** What is wrong with a name: that of a signer's bundle begins with the signer's. */
export function bundleName(name: string, isPrefix: boolean, signerName = ''): string[] {
  if (signerName === '') {
    return name.includes(':')
      ? ['ClusterTrustBundle without signer name must not have ":" in its name']
      : nameChecks.dns1123Subdomain(name, isPrefix)
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`
  return name.startsWith(prefix)
    ? nameChecks.dns1123Subdomain(name.slice(prefix.length), isPrefix)
    : [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`]
}

function certificateFault({ type, bytes, headers }: PemBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`
  if (headers) return 'has PEM block headers'
  try {
    return new X509Certificate(bytes).ca ? undefined : 'does not have the CA bit set'
  } catch {
    return 'does not parse as X.509'
  }
}

function validateAnchors(text: string): FieldError[] {
  const field = 'spec.trustBundle'
  if (Buffer.byteLength(text) > maxBundleBytes) return [fieldErrors.tooLong(field, '', maxBundleBytes)]
  const invalid = (detail: string) => fieldErrors.invalid(field, '<value omitted>', detail)
  const blocks = decodePem(text)
  const faults = blocks.flatMap((block, index) => {
    const fault = certificateFault(block)
    return fault === undefined ? [] : [invalid(`entry ${index} ${fault}`)]
  })
  if (faults.length > 0) return faults
  if (blocks.length === 0) return [invalid('at least one trust anchor must be provided')]
  const places = Map.groupBy(blocks.keys(), (index) => blocks[index]!.bytes.toString('base64'))
  return [...places.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => invalid(`duplicate trust anchor (indices [${indices.join(' ')}])`))
}

/** `old`: its bundle is not read again, so that one which a newer parser refuses can still be changed elsewhere. */
export function validateTrustBundle(bundle: ClusterTrustBundle, old?: ClusterTrustBundle): FieldError[] {
  const { signerName = '', trustBundle = '' } = bundle.spec
  return [
    ...(signerName === '' ? [] : validateSignerName(signerName, 'spec.signerName')),
    ...(trustBundle === old?.spec.trustBundle ? [] : validateAnchors(trustBundle)),
  ]
}

export function validateTrustBundleUpdate(bundle: ClusterTrustBundle, old: ClusterTrustBundle): FieldError[] {
  const { name = '', generateName = '' } = bundle.metadata
  const { signerName } = bundle.spec
  const errors = [
    ...(generateName === ''
      ? []
      : checkField(generateName, 'metadata.generateName', (text) => bundleName(text, true, signerName))),
    ...checkField(name, 'metadata.name', (text) => bundleName(text, false, signerName)),
    ...validateTrustBundle(bundle, old),
  ]
  if ((bundle.spec.signerName ?? '') !== (old.spec.signerName ?? '')) {
    errors.push(fieldErrors.invalid('spec.signerName', bundle.spec.signerName ?? '', 'field is immutable'))
  }
  return errors
}
