import { X509Certificate } from 'node:crypto'
import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1035Label } from '../../../../machinery/validation/dns-names.ts'
import { decodePem } from '../../../../machinery/x509/pem.ts'
import type { CustomResourceConversion } from '../../../types.generated.ts'
import { checkRequiredOneOf } from '../../../field-checks.ts'
import { validateWebhookService, validateWebhookUrl } from '../../../webhook-client.ts'

/** Versions of ConversionReview that the server speaks, or once spoke. */
const reviewVersions = ['v1', 'v1beta1']

export interface ConversionStrictness {
  /** One of the review versions is known. */
  readonly knownReview: boolean
  readonly caBundle: boolean
}

/** How objects are converted between versions, in the terms of the internal type (validation.go validateCustomResourceConversion). */
export function validateConversion(
  { strategy, webhook }: CustomResourceConversion,
  field: string,
  strictness: ConversionStrictness,
): FieldError[] {
  const errors = checkRequiredOneOf(strategy, `${field}.strategy`, ['None', 'Webhook'])
  const clientField = `${field}.webhookClientConfig`
  const reviewsField = `${field}.conversionReviewVersions`
  const { clientConfig, conversionReviewVersions } = webhook ?? {}
  const reviews = conversionReviewVersions ?? []
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook'
    if (clientConfig) errors.push(fieldErrors.forbidden(clientField, detail))
    if (reviews.length > 0) errors.push(fieldErrors.forbidden(reviewsField, detail))
    return errors
  }
  if (!clientConfig) errors.push(fieldErrors.required(clientField, 'required when strategy is set to Webhook'))
  else {
    const { url, service, caBundle } = clientConfig
    if ((url === undefined) === (service === undefined))
      errors.push(fieldErrors.required(clientField, 'exactly one of url or service is required'))
    else if (url !== undefined) errors.push(...validateWebhookUrl(url, `${clientField}.url`))
    else if (service !== undefined) errors.push(...validateWebhookService(service, `${clientField}.service`))
    if (strictness.caBundle && caBundle) errors.push(...validateCaBundle(caBundle, `${clientField}.caBundle`))
  }
  return [...errors, ...validateReviewVersions(reviews, reviewsField, strictness.knownReview)]
}

export const hasKnownReview = (versions: readonly string[]): boolean =>
  versions.some((version) => reviewVersions.includes(version))

function validateReviewVersions(versions: readonly string[], field: string, knownReview: boolean): FieldError[] {
  if (versions.length === 0) return [fieldErrors.required(field)]
  const errors = versions.flatMap((version, index) => {
    const at = `${field}[${index}]`
    if (versions.indexOf(version) < index) return [fieldErrors.invalid(at, version, 'duplicate version')]
    return dns1035Label(version).map((fault) => fieldErrors.invalid(at, version, fault))
  })
  if (knownReview && !hasKnownReview(versions)) {
    const detail = `must include at least one of ${reviewVersions.join(', ')}`
    errors.push(fieldErrors.invalid(field, versions, detail))
  }
  return errors
}

/** Base64 of PEM with a certificate at least (client-go transport.TLSConfigFor). */
export function validateCaBundle(bundle: string, field: string): FieldError[] {
  const fault = caFault(Buffer.from(bundle, 'base64').toString('latin1'))
  return fault === undefined ? [] : [fieldErrors.invalid(field, bundle, `unable to load root certificates: ${fault}`)]
}

function caFault(pem: string): string | undefined {
  const blocks = decodePem(pem)
  if (blocks.length === 0) return 'unable to parse bytes as PEM block'
  const certificates = blocks.filter(({ type, headers }) => type === 'CERTIFICATE' && !headers)
  const faults = certificates.map(({ bytes }) => certificateFault(bytes))
  if (faults.includes(undefined)) return undefined
  const fault = faults.find((one) => one !== undefined)
  return fault === undefined ? 'no valid certificate authority data seen' : `failed to parse certificate: ${fault}`
}

function certificateFault(der: Buffer): string | undefined {
  try {
    new X509Certificate(der)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
